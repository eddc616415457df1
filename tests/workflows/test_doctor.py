"""``setlist doctor`` on a night that was really run: what it finds, and what it mends."""

import json
import shutil

import pytest
from luigi import configuration

from tasks import health
from workflows.cli import main

FAMILIES = ("ad_targeting", "user_segmentation")


def doctor(place, *options):
    """The command in a fresh process: its exit code, and what it says to a machine."""
    done = place.python("-m", "workflows.cli", "doctor", "--json", *options)
    assert done.stdout.startswith("{"), done.stderr
    told = json.loads(done.stdout)
    assert told["exit_code"] == done.returncode
    return told


def found(told, check, state):
    return [one for one in told["findings"] if (one["check"], one["state"]) == (check, state)]


def test_a_lost_registry_is_found_and_restored_on_postgres(night, postgres, tmp_path):
    """The SQLite file is gone; two settings name a new server, and one command fills it."""
    place = night.copied_to(tmp_path / "moved")
    receipts = {}
    for family in FAMILIES:
        receipts[family] = place.json("PublishModel", f"{family}.{place.day}")
    published = [family for family in FAMILIES if receipts[family]["published"]]
    assert published
    for one in ("registry.db", "registry-artifacts"):
        path = place.folder / "var" / one
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    url = postgres.url(postgres.database())
    settings = (place.folder / "luigi.cfg").read_text()
    (place.folder / "luigi.cfg").write_text(
        settings.replace("registry = sqlite:///var/registry.db", f"registry = {url}"))
    told = doctor(place)
    assert told["exit_code"] == 40
    (lost,) = found(told, "registry", "failed")
    assert "the registry was lost" in lost["found"] and "--restore-registry" in lost["advice"]
    told = doctor(place, "--restore-registry")
    assert told["exit_code"] == 0, told
    restored = {one["family"] for one in told["restored"] if one["outcome"] == "restored"}
    assert set(published) <= restored
    assert len(found(told, "champion", "ok")) == len(restored)
    asked = postgres.ask("SELECT a.name, t.value FROM registered_model_aliases a JOIN "
                         "model_version_tags t ON (t.name, t.version) = (a.name, a.version) "
                         "WHERE t.key = 'digest'", database=url.rpartition("/")[2])  # fmt: skip
    for family in published:
        assert (f"setlist-{family}", receipts[family]["digest"]) in asked


@pytest.fixture
def here(place):
    """A folder with an empty store and a registry that nobody has touched."""
    config = configuration.get_config()
    before = config.get("setlist", "registry", "")
    config.set("setlist", "registry", "sqlite:///registry.db")
    yield place
    config.set("setlist", "registry", before or "sqlite:///var/registry.db")


def told(capsys, *options):
    code = main(["doctor", "--json", *options])
    answer = json.loads(capsys.readouterr().out)
    assert answer["exit_code"] == code
    return answer


def test_a_new_deployment_is_well_and_looking_makes_no_registry(here, capsys):
    answer = told(capsys)
    assert answer["exit_code"] == 0, answer
    assert {one["state"] for one in answer["findings"]} == {"ok"}
    assert not list(here.glob("registry*"))


def test_every_check_fails_truthfully(here, capsys, monkeypatch):
    """A store that is a file, a full disk, a torn registry: each is one line, none hides others."""
    (here / "store").write_text("a file where the store should be")
    (here / "registry.db").write_text("torn " * 400)
    monkeypatch.setattr(health, "_TOO_FEW_BYTES", 1 << 60)
    answer = told(capsys)
    assert answer["exit_code"] == 40
    for check, said in {"store": "store", "registry": "not a database", "disk": "GiB free"}.items():
        assert any(said in one["found"] for one in found(answer, check, "failed")), answer
    assert found(answer, "configuration", "ok")


def test_what_a_person_reads_ends_with_what_to_do(here, capsys):
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].endswith(" ok") and any("untouched" in line for line in lines)
    assert main(["doctor", "--strange", "1"]) == 2


def test_a_setting_that_nothing_reads_is_found_with_what_was_meant(here, capsys):
    config = configuration.get_config()
    config.set("setlist", "shard", "4")
    config.add_section("retntion")
    try:
        answer = told(capsys)
    finally:
        config.remove_option("setlist", "shard")
        config.remove_section("retntion")
    assert answer["exit_code"] == 0
    assert [one["found"] for one in found(answer, "configuration", "warning")] == [
        "[retntion] is no section of ours; did you mean retention?",
        "[setlist] shard is no setting; did you mean shards?",
    ]
