"""Audiences that somebody asks for, on the night of `conftest`, by the command."""

import json

import pandas as pd
import pytest

from ml.privacy import PseudonymKey, pseudonym
from ml.world import World, truth

ALIKE = ("sleepers", "families", "explorers")
KEY = PseudonymKey(b"known to the tests alone")


def write(place, name, **fields):
    (place.folder / "var" / "requests" / f"{name}.json").write_text(
        json.dumps({"title": name.title(), **fields})
    )


def listed(place, file, listeners):
    text = "\n".join(["listener", *listeners]) + "\n"
    (place.folder / "var" / "requests" / file).write_text(text)


def setlist(place, *arguments):
    return place.python("-m", "workflows.cli", "run", *arguments, "--day", str(place.day))


def built(place):
    """The tasks about requests that the newest run built."""
    newest = max((place.root / "_runs").glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    lines = [json.loads(line) for line in newest.read_text().splitlines() if line]
    return [f"{one['task']} {one['label']}" for one in lines
            if one.get("outcome") == "built"]


@pytest.fixture(scope="module")
def place(night, tmp_path_factory):
    """A copy of the night with three requests, of which one asks for too few listeners."""
    copy = night.copied_to(tmp_path_factory.mktemp("audiences") / "home")
    (copy.folder / "var" / "requests").mkdir(parents=True)
    spells = truth(World(listeners=250))["segments.parquet"].drop_duplicates("listener")
    alike = spells.loc[spells["segment"].isin(ALIKE), "listener"]
    listed(copy, "fans.csv", alike.iloc[: 3 * len(alike) // 4])
    listed(copy, "gone.csv", ["listener-000001"])
    everybody = ["s1", "s2", "unknown yet"]
    write(copy, "most", include=everybody, exclude_listeners="gone.csv", at_most={
        "campaign": "campaign-000001", "days": 3, "exposures": 3})  # fmt: skip
    write(copy, "nobody", include=everybody, countries=["Atlantis"])
    write(copy, "alike", seeds="fans.csv", reach=25)
    copy.said = setlist(copy, "audiences", "--workers", "2")
    return copy


def label(place, request):
    return f"user_segmentation.{place.day}.{request}"


def members(place, request):
    return place.frame("BuildRequestedAudience", label(place, request), "members.parquet")


def test_the_command_says_what_each_request_reaches(place):
    assert place.said.returncode == 0, place.said.stdout + place.said.stderr
    lines = place.said.stdout
    assert "  reach      most: " in lines and "  audience   alike " in lines
    assert "nobody: not published: fewer than 20 listeners" in lines
    assert "times the base rate" in lines and "1 failed" not in lines


def test_every_member_consented_and_none_is_excluded_or_a_seed(place):
    table = place.frame("IngestDay", f"consent.{place.day}", "shard-000.parquet")
    agreed = table.set_index("listener")["personalised_ads"]
    fans = place.frame("ReadRequest", "alike", "seeds.parquet")["listener"]
    spared = pseudonym(pd.Series(["listener-000001"]), KEY)
    assert len(members(place, "most")) >= 20 and len(members(place, "alike")) == 25
    assert not members(place, "most")["listener"].isin(spared).any()
    assert not members(place, "alike")["listener"].isin(fans).any()
    for request in ("most", "alike"):
        assert agreed[members(place, request)["listener"]].all()


def test_an_audience_below_k_is_a_green_result_with_a_reason_and_nobody_in_it(place):
    told = place.json("BuildRequestedAudience", label(place, "nobody"), "audience.json")
    assert told["published"] is False and "fewer than 20 listeners" in told["reason"]
    assert members(place, "nobody").empty


def test_the_preview_promises_what_is_built_and_holds_no_listener(place):
    reach = place.json("PreviewReach", f"user_segmentation.{place.day}", "reach.json")
    told = {one["name"]: one["listeners"] for one in reach["requests"]}
    assert told == {"alike": 25, "most": len(members(place, "most")), "nobody": None}
    text = json.dumps(reach)
    assert not any(one in text for one in members(place, "most")["listener"])


def test_no_id_of_the_service_lands_in_an_artifact(place):
    for task in ("ReadRequest", "PreviewReach", "BuildLookalike", "BuildRequestedAudience"):
        for path in place.root.glob(f"{task}/*/*/*"):
            assert b"listener-0" not in path.read_bytes(), path


def test_only_what_depends_on_a_request_is_built_when_it_changes(place):
    listed(place, "gone.csv", ["listener-000001", "listener-000002"])
    assert setlist(place, "audiences").returncode == 0
    assert sorted(built(place)) == [
        f"BuildRequestedAudience {label(place, 'most')}",
        f"PreviewReach user_segmentation.{place.day}", "ReadRequest most",
    ]  # fmt: skip


def test_a_request_with_mistakes_is_red_alone_and_a_missing_one_names_the_others(place):
    write(place, "wrong", include=["s77"], gender=["female"])
    said = setlist(place, "audience", "--request", "wrong")
    assert said.returncode == 30 and "(2 problems)" in said.stdout
    assert "nobody is chosen by one" in said.stdout and '"s77"' in said.stdout
    missing = setlist(place, "audience", "--request", "none")
    assert missing.returncode == 20 and "there: alike, most, nobody, wrong" in missing.stdout
