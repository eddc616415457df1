"""What another choice of adverts would have earned: on a world where the answer is known."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from benchmarks.nights import OUTCOMES, Nights, nights
from ml.features.ad_alternatives import MOST_ADS, MOST_NEW
from ml.features.ad_features import FEATURES
from ml.policies import EXPLORES, NO_PROPENSITIES, chosen, estimate, expected, together
from ml.tables import KINDS
from ml.world import World

TODAY = 9
LEARNT = range(2, 9)
SHORT = tuple(replace(one, recipe=replace(one.recipe, rounds=40)) for one in OUTCOMES)
KEYS = ["impression", "ad"]


@pytest.fixture(scope="module")
def town() -> Nights:
    return nights(World(listeners=800, artists=200), 17)


@pytest.fixture(scope="module")
def offered(town) -> pd.DataFrame:
    return town.alternatives(TODAY)


@pytest.fixture(scope="module")
def models(town) -> tuple[dict, dict]:
    return town.models(LEARNT, SHORT, night=17)


def estimated(town, models, offered, **changed) -> dict:
    made, calibrations = models
    bound = {"outcomes": SHORT, "family_name": "ad_targeting", "night": town.day(TODAY + 1),
             "test_days": [town.day(TODAY)], "campaigns": [town.tables[TODAY]["campaigns"]]}
    found = estimate(offered, made, calibrations, **(bound | changed))  # fmt: skip
    return found["off_policy.json"]


def test_every_opportunity_has_its_logged_advert_and_others_of_the_same_format(town, offered):
    assert (offered.groupby("impression")["logged"].sum() == 1).all()
    assert offered.groupby("impression").size().max() <= MOST_ADS + MOST_NEW + 1
    running = town.tables[TODAY]["campaigns"].set_index("ad")["format"]
    assert (offered["ad"].map(running) == offered["format"]).all()
    assert not offered.loc[~offered["logged"], list(KINDS)].any(axis=None)
    assert offered.loc[offered["logged"], "click"].sum() > 10


def test_the_logged_advert_has_the_features_of_its_example(town, offered):
    built = town.examples(TODAY)["ad_targeting"].set_index("impression")
    shown = offered[offered["logged"]].set_index("impression")
    assert set(shown.index) == set(built.index)
    assert_frame_equal(shown[list(FEATURES)], built.loc[shown.index, list(FEATURES)])


def test_what_happens_later_changes_no_alternative_of_what_was_before(town, offered):
    noon = pd.Timestamp(town.day(TODAY)) + pd.Timedelta(hours=15)
    read = town.tables[TODAY]
    cut = {name: read[name][read[name]["at"] < noon] for name in ("impressions", "listens")}
    before = offered[offered["moment"] < noon].reset_index(drop=True)
    assert_frame_equal(town.alternatives(TODAY, **cut)[[*KEYS, *FEATURES]],
                       before[[*KEYS, *FEATURES]])  # fmt: skip


def test_two_shards_give_the_same_alternatives_as_one(town, offered):
    even = town.tables[TODAY]["impressions"]["listener"].str[-1].astype(int) % 2 == 0
    parts = [town.alternatives(TODAY, impressions=town.tables[TODAY]["impressions"][part])
             for part in (even, ~even)]  # fmt: skip
    assert_frame_equal(together(parts), together([offered]))


def test_a_policy_takes_the_best_advert_offered_and_now_and_then_any():
    rows = pd.DataFrame({"impression": list("aaabb"), "ad": list("xyzxz"),
                         "offered": [True, True, False, False, False],
                         "logged": [True, False, False, False, True]})  # fmt: skip
    found = chosen(rows, np.array([1.0, 1.0, 9.0, 5.0, 1.0]))
    tried = EXPLORES / 2
    assert found.tolist() == pytest.approx([1 - EXPLORES + tried, tried, 0, 0, 1])


def test_the_estimates_hold_the_truth(town, models, offered):
    found = estimated(town, models, [offered])
    made, calibrations = models
    tonight = {name: (made[name], calibrations[name]) for name in made}
    rows = together([offered])
    true = town.true_values(TODAY, rows, days=1)
    opportunities = rows["impression"].nunique()
    for policy in found["policies"][:-1]:
        outcomes = SHORT[:1] if "click rate" in policy["name"] else SHORT
        value = expected(rows, tonight, outcomes)
        if "by value" in policy["name"]:
            bid = town.tables[TODAY]["campaigns"].set_index("ad")["bid_micros"] / 1e6
            value = value * rows["ad"].map(bid).to_numpy()
        money = (chosen(rows, value) * true).sum() / opportunities
        for figure in ("doubly_robust", "ips", "snips"):
            assert policy[figure]["low"] < money < policy[figure]["high"], (policy, money)
        assert policy["diagnostics"]["mean_weight"] == pytest.approx(1, abs=0.6)
    standing = found["policies"][-1]["logged"]
    logged = true[rows["logged"].to_numpy()].mean()
    assert standing["low"] < logged < standing["high"]


def test_the_answer_is_json_and_the_same_in_two_shards(town, models, offered):
    even = offered["listener"].str[-1].astype(int) % 2 == 0
    parts = [offered[~even].reset_index(drop=True), offered[even].reset_index(drop=True)]
    whole, split = (estimated(town, models, rows) for rows in ([offered], parts))
    assert whole["explored_share"] == pytest.approx(0.05, abs=0.03)
    assert json.dumps(whole, allow_nan=False) == json.dumps(split)
    assert [one["name"] for one in whole["policies"]] == [
        "the new model by value", "the new model by click rate", "as logged"
    ]  # fmt: skip


def test_a_champion_is_judged_beside_the_new_model(town, models, offered):
    made, calibrations = models
    live = {name: {**made[name], **calibrations[name]} for name in made}
    found = estimated(town, models, [offered], champions=live)
    ours, _, theirs, _ = found["policies"]
    assert theirs["name"] == "the champion by value"
    assert theirs["doubly_robust"] == ours["doubly_robust"]


def test_without_propensities_a_note_stands_instead_of_a_figure(town, models):
    silent = town.tables[TODAY]["impressions"].assign(propensity=np.nan)
    unlogged = silent.drop(columns=["propensity", "explored"])
    for impressions in (silent, unlogged):
        nothing = town.alternatives(TODAY, impressions=impressions)
        found = estimated(town, models, [nothing, nothing])
        assert found["policies"] == [] and found["notes"] == [NO_PROPENSITIES]


def test_on_the_first_day_of_all_there_is_nothing_to_choose_by(town):
    assert town.alternatives(0).empty
