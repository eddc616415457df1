"""``setlist gc`` and ``setlist rollback`` on a night that was really run."""

import json
import os
import shutil
import time

import pytest

SEGMENTS = "user_segmentation"
LONG_AGO = time.time() - 3 * 86400


@pytest.fixture(scope="module")
def cleaned(night, tmp_path_factory):
    """The night, three days old, with garbage of several kinds; first looked at, then cleaned."""
    place = night.copied_to(tmp_path_factory.mktemp("cleaned") / "home")
    root = place.root
    scored = place.newest("ScoreListeners", f"{SEGMENTS}.{place.day}.0")
    place.garbage = [
        planted(scored, root / "ScoreListeners" / f"{SEGMENTS}.2025-11-01.0" / ("a" * 32)),
        planted(scored, root / "ScoreListeners" / scored.parent.name / ("b" * 32)),
        root / "_staging" / "killed",
    ]
    place.garbage[-1].mkdir(parents=True)
    (place.garbage[-1] / "payload.json").write_text("half")
    (root / "_leases" / ("c" * 32)).write_text("12345")
    for path in root.rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    place.young = planted(scored, root / "ScoreListeners" / f"{SEGMENTS}.2025-11-02.0" / ("d" * 32))
    place.size = size_of(root)
    place.looked = gc(place)
    place.after_looking = size_of(root)
    place.done = gc(place, "--delete")
    return place


def planted(artifact, where):
    """An artifact that no night needs: a copy under another key, made earlier."""
    shutil.copytree(artifact, where)
    said = json.loads((where / "manifest.json").read_text())
    said |= {"label": where.parent.name, "key": where.name, "created": "2025-11-01T00:00:00+00:00"}
    (where / "manifest.json").write_text(json.dumps(said))
    return where


def gc(place, *options):
    done = place.python("-m", "workflows.cli", "gc", "--json", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def size_of(root):
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file())


def test_looking_deletes_nothing_and_says_by_task_what_would_go(cleaned):
    assert cleaned.after_looking == cleaned.size and cleaned.looked["freed"] is None
    assert cleaned.looked["by_task"]["ScoreListeners"]["things"] == 2
    assert {"(staging)", "(lapsed leases)"} <= cleaned.looked["by_task"].keys()


def test_exactly_the_bytes_it_said_are_freed(cleaned):
    freed = cleaned.done["freed"]
    assert freed == cleaned.looked["would_free"] == cleaned.size - size_of(cleaned.root) > 0
    assert not any(path.exists() for path in cleaned.garbage) and cleaned.young.exists()


def test_nothing_of_the_night_is_built_again_after_it(cleaned):
    assert cleaned.build("workflows.nightly", "Nightly", day=cleaned.day) == []
    assert gc(cleaned)["things"] == 0


def test_a_rollback_is_shown_with_its_reason_where_the_night_is_shown(night, tmp_path):
    place = night.copied_to(tmp_path / "home")
    family = next(family for family in (SEGMENTS, "ad_targeting")
                  if place.json("PublishModel", f"{family}.{place.day}")["published"])  # fmt: skip
    # The night had published another model before: its receipt lies in the store.
    label = f"{family}.{place.day}"
    planted(place.newest("PublishModel", label), place.root / "PublishModel" / label / ("e" * 32))
    done = place.python("-m", "workflows.cli", "rollback", family, "--to", "e" * 12,
                        "--because", "the scores were odd")  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = place.python("-m", "workflows.cli", "show", "nightly", "--day", str(place.day)).stdout
    assert "rolled back after" in shown and "the scores were odd" in shown
