"""No segment is published that gives away an age or a gender; a refusal can be read."""

import numpy as np
import pandas as pd
import pytest

from ml.segments.guard import SENSITIVE, guard
from ml.segments.lift import lift
from ml.tables import LISTENERS

NAMES = {
    "names.json": {
        "segments": [
            {"id": "s1", "name": "night, calm", "color": "#111111"},
            {"id": "s2", "name": "morning", "color": "#222222"},
        ]
    }
}


def people(**groups):
    """Frames of members and accounts; ``s1=[("18-24", "female", 30), ...]`` are the counts."""
    rows = [(segment, age, gender) for segment, counts in groups.items()
            for age, gender, many in counts for _ in range(many)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["segment", "age_band", "gender"], dtype="str")
    frame["listener"] = [f"listener-{number:04d}" for number in range(len(frame))]
    frame["name"] = frame["segment"].map({"s1": "night, calm", "s2": "morning"}).fillna("other")
    return frame[["listener", "segment", "name"]], frame[["listener", "age_band", "gender"]]


def verdicts(told):
    return {one["id"]: one["published"] for one in told["guard.json"]["segments"]}


def sentence(told, segment="s1"):
    return next(one for one in told["guard.json"]["segments"] if one["id"] == segment)["sentence"]


YOUNG = people(s1=[("18-24", "female", 80), ("35-44", "male", 20)],
               s2=[("18-24", "male", 120), ("35-44", "female", 780)])  # fmt: skip


def test_a_segment_that_is_surely_too_young_is_withheld_in_a_readable_sentence():
    members, accounts = YOUNG
    told = guard([members], NAMES, [accounts])
    assert verdicts(told) == {"s1": False, "s2": True}
    assert sentence(told) == (
        "withheld: age band 18-24 is 80 % of it and 20 % of everybody (4.0 x, 3.5-4.5), "
        "surely more than twice as often"
    )


def test_a_lift_above_the_bound_that_may_be_chance_is_said_but_does_not_withhold():
    members, accounts = people(s1=[("18-24", "female", 12), ("35-44", "male", 10)],
                               s2=[("18-24", "male", 100), ("35-44", "female", 350)])  # fmt: skip
    told = guard([members], NAMES, [accounts])
    assert verdicts(told)["s1"]
    assert "2.3 x" in sentence(told) and "perhaps more than twice as often" in sentence(told)


def test_a_segment_without_women_is_withheld_although_no_lift_of_men_can_pass_two():
    members, accounts = people(s1=[("18-24", "male", 100)],
                               s2=[("18-24", "male", 100), ("18-24", "female", 200)])  # fmt: skip
    told = guard([members], NAMES, [accounts])
    men = lift(100, 100, 200, 400)
    assert men[0] == 2.0 and men[1] < 2.0
    assert sentence(told) == (
        "withheld: gender female is fewer than 10 of its members and 50 % of everybody, "
        "surely less than half as often"
    )


def test_a_value_few_have_may_be_missing_from_a_segment():
    members, accounts = people(s1=[("25-34", "female", 300)],
                               s2=[("25-34", "female", 600), ("55+", "female", 100)])  # fmt: skip
    assert verdicts(guard([members], NAMES, [accounts])) == {"s1": True, "s2": True}


def test_a_handful_of_alike_members_is_no_proof():
    members, accounts = people(s1=[("18-24", "female", 3)],
                               s2=[("18-24", "male", 30), ("35-44", "female", 70)])  # fmt: skip
    told = guard([members], NAMES, [accounts])
    assert verdicts(told)["s1"] and "fewer than 10 of its members" in sentence(told)


def test_nothing_that_would_tell_of_few_people_is_printed():
    members, accounts = people(s1=[("18-24", "female", 90), ("35-44", "male", 4),
                                   ("55+", "male", 40)],
                               s2=[("18-24", "male", 300), ("35-44", "female", 300),
                                   ("55+", "male", 100)])  # fmt: skip
    told = guard([members], NAMES, [accounts])
    ages = told["lifts.parquet"].query("attribute == 'age_band' and segment == 's1'")
    ages = ages.set_index("value")
    figures = ["listeners", "share", "lift", "low", "high"]
    assert ages.loc["35-44", figures].isna().all()
    # The other two shares would add up to one minus the hidden one.
    assert ages.loc["55+", figures].isna().all()
    assert ages.loc["18-24", "listeners"] == 90


def test_a_sentence_gives_no_figure_that_would_give_away_a_smaller_group():
    members, accounts = people(s1=[("18-24", "female", 60), ("25-34", "female", 38),
                                   ("35-44", "female", 2)],
                               s2=[("18-24", "female", 740), ("25-34", "female", 40),
                                   ("35-44", "female", 120)])  # fmt: skip
    told = guard([members], NAMES, [accounts])
    assert sentence(told) == (
        "withheld: age band 25-34 is a share of it that is not told, since it would give away "
        "fewer than 10 others, and 8 % of everybody, surely more than twice as often"
    )
    assert told["guard.json"]["segments"][0]["worst"]["listeners"] is None


def test_the_intervals_miss_the_truth_one_time_in_twenty():
    random, inside = np.random.default_rng(7), 0
    for _ in range(1000):
        part, other = random.binomial(60, 0.5), random.binomial(440, 0.2)
        _, low, high = lift(part, 60, part + other, 500)
        inside += low <= 0.5 / (0.12 * 0.5 + 0.88 * 0.2) <= high
    assert 0.93 <= inside / 1000 <= 0.975


def test_unknown_is_not_judged_and_counts_nowhere():
    members, accounts = people(s1=[("unknown", "unknown", 200), ("18-24", "female", 20)],
                               s2=[("18-24", "female", 100), ("35-44", "male", 100)])  # fmt: skip
    told = guard([members], NAMES, [accounts])
    values = set(told["lifts.parquet"]["value"])
    assert values == {"18-24", "35-44", "female", "male"}
    row = told["lifts.parquet"].query("segment == 's1' and value == '18-24'").iloc[0]
    assert np.isnan(row["share"]) and row["overall"] == pytest.approx(120 / 220)


def test_a_member_without_an_account_counts_nowhere():
    members, accounts = YOUNG
    fewer = accounts[~accounts["listener"].isin(members["listener"][:50])]
    told = guard([members], NAMES, [fewer])
    row = told["lifts.parquet"].query("segment == 's1' and value == '18-24'").iloc[0]
    assert row["listeners"] == 30 and row["share"] == 0.6


def test_without_a_listeners_table_all_is_published_and_said_to_be_unchecked():
    told = guard([YOUNG[0]], NAMES)
    assert verdicts(told) == {"s1": True, "s2": True}
    assert "unchecked" in sentence(told) and "nothing could be checked" in told["guard.json"][
        "notes"][0]  # fmt: skip
    assert told["guard.json"]["attributes"] == [] and told["lifts.parquet"].empty


def test_an_attribute_nobody_has_told_is_said_to_be_unchecked():
    members, accounts = YOUNG
    told = guard([members], NAMES, [accounts.assign(gender="unknown")])
    assert told["guard.json"]["attributes"] == ["age_band"]
    assert told["guard.json"]["notes"] == ["Nobody's gender is known: not checked."]


def test_a_segment_without_a_name_does_not_slip_past_the_guard():
    members, accounts = YOUNG
    only = {"names.json": {"segments": NAMES["names.json"]["segments"][1:]}}
    assert verdicts(guard([members], only, [accounts])) == {"s2": True, "s1": False}


def test_a_segment_nobody_is_in_is_published():
    members, accounts = YOUNG
    rest = members[members["segment"] == "s2"]
    told = guard([rest], NAMES, [accounts])
    assert verdicts(told)["s1"] and "no member" in sentence(told)


def test_shards_and_the_order_of_rows_change_nothing():
    members, accounts = YOUNG
    whole = guard([members], NAMES, [accounts])
    halves = guard(
        [members[::2].sample(frac=1, random_state=1), members[1::2]], NAMES,
        [accounts[::-1][:400], accounts[::-1][400:]],
    )  # fmt: skip
    assert halves["guard.json"] == whole["guard.json"]
    pd.testing.assert_frame_equal(halves["lifts.parquet"], whole["lifts.parquet"])


def test_every_sensitive_column_of_the_contract_is_audited():
    assert set(SENSITIVE) == {one.name for one in LISTENERS.columns if one.sensitive}
    assert set(guard([YOUNG[0]], NAMES, [YOUNG[1]])["guard.json"]["attributes"]) == set(SENSITIVE)


def test_counts_that_no_group_can_have_are_named():
    with pytest.raises(ValueError, match="got 5 of 4 in the group and 9 of 10"):
        lift(5, 4, 9, 10)


def test_a_night_without_members_is_published_and_empty():
    told = guard([YOUNG[0][:0]], NAMES, [YOUNG[1][:0]])
    assert verdicts(told) == {"s1": True, "s2": True} and told["lifts.parquet"].empty
