import json

import pytest
from planted_audience import IDS, NAMES, asked, consent, tonight

from ml.reach import preview
from ml.requested_audience import build


def reach(*requests, **changed):
    return preview(requests=list(requests), **tonight(**changed))["reach.json"]


@pytest.fixture
def wanted(tmp_path):
    """Makes requests, each in a folder of its own."""
    def ask(name, lists=(), **fields):
        folder = tmp_path / name
        folder.mkdir()
        return asked(folder, name, lists, **fields)

    return ask


def test_the_reach_is_the_size_of_what_is_built_and_names_nobody(wanted):
    request = wanted("calm", include=["s1", "s2"], tiers=["free"], exclude=["s3"])
    told = reach(request)
    audience = build(request=request, family_name="f", **tonight())["audience.json"]
    (one,) = told["requests"]
    assert {name: one[name] for name in ("steps", "listeners", "published", "reason")} == {
        name: audience[name] for name in ("steps", "listeners", "published", "reason")}  # fmt: skip
    assert one["listeners"] == 80
    assert not any(name in json.dumps(told) for name in [*NAMES, *IDS])


def test_the_overlap_of_requests_is_told_before_use(wanted):
    told = reach(wanted("ones", include=["s1", "s2"]), wanted("twos", include=["s2", "s3"]))
    pairs = {(one["a"], one["b"]): one for one in told["overlap"]}
    assert pairs["ones", "twos"]["listeners"] == 90
    assert pairs["ones", "twos"]["share_of_a"] == 0.5
    assert pairs["ones", "s3"]["listeners"] == 0
    assert pairs["ones", "s1"]["listeners"] == 90 and pairs["ones", "s1"]["share_of_b"] == 0.9


def test_counts_below_k_are_told_nowhere(wanted):
    told = reach(wanted("few", include=["s1", "s2"], countries=["SE"]), minimum=65,
                 consent=[consent(refusing=[*range(50, 300)])])  # fmt: skip
    (one,) = told["requests"]
    assert one["listeners"] is None and not one["published"]
    assert one["reason"] == "not published: fewer than 65 listeners"
    assert [step["listeners"] for step in one["steps"]] == [200, 67, None]
    assert told["overlap"] == []
    numbers = [entry["listeners"] for entry in told["segments"]]
    assert numbers == [100, 100, None, None]


def test_a_small_rest_of_a_segment_cannot_be_read_off_the_overlap(wanted):
    told = reach(wanted("most", lists=[("four.csv", range(4))], include=["s1", "s2", "s3"],
                        exclude_listeners="four.csv"), consent=[consent([])])  # fmt: skip
    over = {one["b"]: one["listeners"] for one in told["overlap"]}
    assert over == {"s1": None, "s2": 100, "s3": None, "unknown yet": 0}


def test_a_request_with_mistakes_stands_among_the_others(wanted):
    told = reach(wanted("good", include=["s1"]), wanted("bad", include=["s7"], colour=1))
    good, bad = told["requests"]
    assert good["published"] and not bad["published"]
    assert bad["reason"] == "cannot be used (2 problems)"
    assert any(one.startswith("include: expected a segment: s1") for one in bad["problems"])
    assert {one["a"] for one in told["overlap"]} == {"good"}


def test_a_lookalike_reaches_at_most_so_many_and_spares_its_seeds(wanted):
    request = wanted("alike", lists=[("fans.csv", range(100))], seeds="fans.csv", reach=0.5,
                     countries=["SE"])  # fmt: skip
    (one,) = reach(request)["requests"]
    assert one["kind"] == "lookalike" and one["published"]
    # 280 have enough plays, of whom 252 consented, 84 in Sweden; 54 of them are no seeds.
    assert one["listeners"] == 54 and one["reason"] == "at most 54 listeners"
    (small,) = reach(wanted("small", lists=[("fans.csv", range(100))], seeds="fans.csv",
                            reach=20))["requests"]  # fmt: skip
    assert small["listeners"] == 20


def test_too_few_usable_seeds_are_refused_before_anything_is_learnt(wanted):
    request = wanted("alike", lists=[("fans.csv", range(55))], seeds="fans.csv", reach=0.5)
    (one,) = reach(request)["requests"]
    assert not one["published"] and one["listeners"] is None
    assert "fewer than 50 seeds are consenting listeners with enough plays" in one["reason"]


def test_no_requests_are_told_as_such():
    told = reach()
    assert told["requests"] == [] and "There are no requests" in told["notes"][0]
    assert [one["listeners"] for one in told["segments"]] == [100, 100, 80, 20]
