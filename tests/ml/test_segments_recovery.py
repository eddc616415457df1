"""On the listening world: the planted segments are found, and found again a window later."""

import datetime as dt

import pandas as pd
import pytest

from benchmarks.segments_recovery import agreement, lived, plain_k_means, planted
from ml.features import listening
from ml.segments.definitions import WINDOW, discover
from ml.segments.frozen import features_of, labels_of
from ml.world import World

WORLD = World(listeners=700, seed=7)
DAYS = 10
FIRST, SECOND = dt.date(2026, 1, 12), dt.date(2026, 1, 22)


@pytest.fixture(scope="module")
def before() -> list[dict]:
    return lived(WORLD, FIRST, DAYS)


@pytest.fixture(scope="module")
def discovered(before) -> dict:
    return discover(history=before, as_of=FIRST)


@pytest.fixture(scope="module")
def rediscovered(discovered) -> dict:
    later = lived(WORLD, SECOND, DAYS)
    return discover(history=later, as_of=SECOND, previous=discovered)["definitions.json"]


def test_planted_segments_are_recovered_clearly_better_than_by_plain_k_means(before, discovered):
    window = listening.totals(listening.gather(before), FIRST, WINDOW)
    frozen = discovered["definitions.json"]
    features = features_of(window, frozen)
    kinds = planted(WORLD, FIRST, DAYS).reindex(features.index).dropna()
    found = agreement(labels_of(window, frozen), kinds)
    told_six = agreement(pd.Series(plain_k_means(features, 6)[0], features.index), kinds)
    assert found > 0.9
    assert 1 - found < 0.75 * (1 - told_six)


def test_a_window_later_the_segments_are_who_they_were_and_a_part_that_split_off_is_new(
    discovered, rediscovered
):
    segments = {one["id"]: one for one in rediscovered["segments"]}
    became = rediscovered["previous"]
    assert became["as_of"] == FIRST.isoformat() and became["agreement"] > 0.8
    assert became["retired"] == [] and len(became["new"]) <= 1
    for old in discovered["definitions.json"]["segments"]:
        kept = segments[old["id"]]
        for name in ("name", "color", "since"):
            assert kept[name] == old[name]
