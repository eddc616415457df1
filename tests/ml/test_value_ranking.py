"""What choosing adverts by value is worth, in the true money of a listening world."""

import numpy as np
import pytest

from benchmarks.nights import OUTCOMES, nights
from ml.policies import chosen, expected, together
from ml.value import bids
from ml.world import World

LEARNT = range(2, 16)
JUDGED = (16, 18)
WEEK = 7


@pytest.fixture(scope="module")
def earned() -> dict[str, float]:
    """Money per opportunity of two days, by who chooses: none of them explores."""
    town = nights(World(listeners=3000, artists=400, ads=24, new_ads_per_day=1.0), 22)
    made, calibrations = town.models(LEARNT, OUTCOMES, night=min(JUDGED))
    models = {name: (made[name], calibrations[name]) for name in made}
    money: dict[str, list[float]] = {}
    for number in JUDGED:
        rows = together([town.alternatives(number)])
        true = town.true_values(number, rows, WEEK)
        bid = bids(rows["ad"], [town.tables[number]["campaigns"]])
        wishes = {
            "the truth": true,
            "value": expected(rows, models, OUTCOMES) * bid,
            "click rate": expected(rows, models, OUTCOMES[:1]),
            "bid": bid,
        }
        for name, wish in wishes.items():
            choice = chosen(rows, wish, explores=0.0)
            money.setdefault(name, []).append((choice * true).sum() / rows["impression"].nunique())
        money.setdefault("the log", []).append(true[rows["logged"].to_numpy()].mean())
    return {name: float(np.mean(each)) for name, each in money.items()}


def test_ranking_by_value_earns_most_of_what_the_truth_would(earned):
    """89 %; docs/ad-targeting.md has other worlds, and what is missing to nine tenths."""
    assert earned["value"] > 0.85 * earned["the truth"]


def test_ranking_by_value_earns_clearly_more_than_by_click_rate_or_by_bid(earned):
    """Of what the truth would earn: click rate 40 %, the bid alone 83 %."""
    assert earned["value"] > 1.2 * earned["click rate"]
    assert earned["value"] > 1.05 * earned["bid"]
    assert earned["value"] > 1.5 * earned["the log"]
