"""No training example knows anything from its own moment on: on the world, and on DIGIX.

The conformance kit asks this of every family at three moments of a day. Here it is asked at more
of them, and of a source that logs no time of day: there nothing of the same day may be used.
"""

import digix_world
import pandas as pd
import pytest
from conformance import stages
from conformance.future import FUTURES, assert_past_stands
from conformance.small_world import SmallWorld, listening_world

from ml.families import FAMILIES

# Families that share examples share their features; one split by listener has one moment a day.
OF_THEIR_OWN = [each for each in FAMILIES.values() if each.shares is None and each.split == "day"]


@pytest.fixture(scope="module")
def world() -> SmallWorld:
    return listening_world(80)


@pytest.fixture(scope="module")
def digix(tmp_path_factory) -> SmallWorld:
    folder = tmp_path_factory.mktemp("digix")
    digix_world.write(folder)
    return digix_world.read(folder)


@pytest.mark.parametrize("family", OF_THEIR_OWN, ids=lambda family: family.name)
def test_at_any_moment_of_the_day_another_future_changes_no_example(family, world):
    built = stages.examples(family, world)
    known = sorted(built["moment"].unique())
    steps = {round(step * (len(known) - 1) / 7) for step in range(8)}
    for number, step in enumerate(sorted(steps)):
        future = FUTURES[number % len(FUTURES)]
        count = assert_past_stands(family, world, built, known[step], future, half=number % 2)
        assert count > 0 or step == 0


@pytest.mark.parametrize("family", digix_world.families(), ids=lambda family: family.name)
def test_where_no_time_of_day_is_logged_nothing_of_the_day_is_used(family, digix):
    first, *_ = digix.days
    for day in (first, digix.day):
        assert digix_world.compared(family, digix, day) == len(digix.tables[day]["impressions"])


def test_the_days_of_digix_have_no_time_and_listeners_who_come_again(digix):
    shown = digix.tables[digix.day]["impressions"]
    assert set(shown["at"]) == {pd.Timestamp(digix.day)}
    assert shown.duplicated(["listener", "ad"]).sum() > 5
