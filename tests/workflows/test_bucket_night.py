"""A night that was built in a folder and moved to a bucket: nothing is due, keys are the same."""

import datetime as dt
import json

import pytest
from deployments import Deployment

from tasks.engine import listing
from tasks.engine.bucket import Bucket
from tasks.engine.journal import entry_of
from tasks.engine.manifest import from_json

FAMILY = "user_segmentation"


@pytest.fixture(scope="module")
def moved(night, any_gcs, tmp_path_factory):
    """A deployment without any file of its own, whose store is a bucket with the night in it."""
    bucket = Bucket(f"gs://{any_gcs.new_bucket()}/store")
    for path in night.root.glob("[!_]*/*/*/manifest.json"):
        move(path, bucket)
    place = Deployment(tmp_path_factory.mktemp("moved") / "home", root=bucket.url, **night.settings)
    place.root = place.folder / "var" / "cache" / bucket.url.removeprefix("gs://")
    return place


def move(path, bucket):
    """Make a folder's artifact one of the bucket, as a commit would."""
    text = path.read_bytes()
    manifest = from_json(text.decode(), str(path))
    entry = entry_of(manifest)
    for name, _, sha256 in entry.files:
        bucket.create(listing.object_of(entry.address, name, sha256), path.with_name(name))
    bucket.create("/".join((*entry.address, listing.MANIFEST)), text,
                  listing.about(manifest, text))  # fmt: skip


def test_a_night_that_was_moved_to_a_bucket_is_complete_there(night, moved):
    assert moved.build("workflows.nightly", "Nightly", day=night.day) == []


def test_the_champion_of_the_next_night_is_the_same_from_a_bucket(night, moved, tmp_path):
    """It is found by the receipts in the store, and its files are a source of the next night."""
    next_night = night.day + dt.timedelta(1)
    here = night.copied_to(tmp_path / "copy")
    found = []
    for place in (here, moved):
        built = place.build("tasks.champion", "Champion", family=FAMILY, day=next_night)
        assert built == [f"Champion {FAMILY}.{next_night}"]
        found.append(place.manifest("Champion", f"{FAMILY}.{next_night}"))
    for name in ("key", "digest", "payload", "inputs"):
        assert found[0][name] == found[1][name]


def test_what_a_night_says_and_shows_is_the_same_from_a_bucket(night, moved):
    for place in (night, moved):
        done = place.python("-m", "workflows.cli", "show", "nightly", "--day", str(night.day),
                            "--json")  # fmt: skip
        assert done.returncode == 0, done.stderr
        shown = json.loads(done.stdout)
        assert all(one["exists"] for one in shown)
    done = moved.python("-m", "workflows.cli", "show", "DecideModel", "--family", FAMILY, "--day",
                        str(night.day))  # fmt: skip
    assert done.returncode == 0 and str(moved.root / "DecideModel") in done.stdout


def test_a_model_that_is_trained_again_from_a_bucket_is_the_same_to_the_byte(night, moved):
    done = moved.python("-m", "workflows.cli", "verify", "TrainModel", "--family", FAMILY, "--day",
                        str(night.day))  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "1 same\n"), done.stdout + done.stderr
