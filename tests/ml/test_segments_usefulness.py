"""What segments are good for is measured on adverts shown after the segment was known."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from planted_listeners import LAST, history, truth

from ml import calibration, training
from ml.family import ModelRecipe
from ml.features import listening
from ml.segments.assignment import UNKNOWN
from ml.segments.definitions import discover
from ml.segments.told import told_by
from ml.segments.usefulness import measure, not_measured, segments_before

SHOWN = LAST + dt.timedelta(days=1)
RATES = {"commuter": 0.4, "evening": 0.1, "office": 0.1, "sleeper": 0.1}
RECIPE = ModelRecipe(
    objective="binary",
    features=("hour",),
    parameters=(("num_leaves", 3), ("min_data_in_leaf", 50)),
    rounds=5,
    patience=5,
)


@pytest.fixture(scope="module")
def fortnight() -> list[dict]:
    return history()


@pytest.fixture(scope="module")
def definitions(fortnight) -> dict:
    return discover(history=fortnight, as_of=LAST)


@pytest.fixture(scope="module")
def names(definitions) -> dict:
    found = definitions["definitions.json"]["segments"]
    said = [{"id": str(one["id"]), "name": one["name"], "color": one["color"]} for one in found]
    return {"names.json": {"segments": said}}


def adverts(day=SHOWN, each=25, seed=3, rates=RATES) -> pd.DataFrame:
    """``each`` impressions of every planted listener, and of one whom nobody has heard."""
    random = np.random.default_rng(seed)
    kinds = truth()
    kinds["stranger"] = "evening"
    kinds = kinds.repeat(each)
    hours = random.integers(0, 24, len(kinds))
    return pd.DataFrame(
        {
            "listener": pd.Series(kinds.index, dtype="str"),
            "moment": (pd.Timestamp(day) + pd.to_timedelta(hours, unit="h")).astype(
                "datetime64[ms]"
            ),
            "label": (random.random(len(kinds)) < kinds.map(rates).to_numpy()).astype("int64"),
            "hour": hours.astype("float64"),
        }
    )


@pytest.fixture(scope="module")
def live() -> dict:
    """A model that knows the hour, which tells nothing: it says the base rate to everybody."""
    learnt, watched = adverts(seed=1), adverts(seed=2)
    model = training.fit([learnt], [watched], recipe=RECIPE)
    return model | calibration.fit_calibration(model, [watched], recipe=RECIPE)


@pytest.fixture(scope="module")
def told(live, fortnight, definitions, names) -> dict:
    found = measure([adverts()], live, fortnight, definitions, names, recipe=RECIPE, days=[SHOWN])
    return found["usefulness.json"]


def commuters(told, fortnight, definitions) -> dict:
    """The segment most of the planted commuters are in."""
    frozen = definitions["definitions.json"]
    found = segments_before(SHOWN, listening.gather(fortnight), frozen)
    kind = truth()[found.index]
    return next(one for one in told["segments"]
                if one["id"] == found[kind == "commuter"].mode()[0])  # fmt: skip


def test_the_segment_that_answers_most_is_found_with_its_interval(told, fortnight, definitions):
    best = max(told["segments"], key=lambda one: one["rate"] or 0)
    assert best == commuters(told, fortnight, definitions)
    assert best["low"] < 0.4 < best["high"] and best["lift"] > 1.8
    assert best["responses"] == round(best["rate"] * best["impressions"])


def test_a_model_that_knows_no_segments_is_calibrated_on_average_but_not_by_segment(
    told, fortnight, definitions
):
    best = commuters(told, fortnight, definitions)
    assert best["calibration"]["high"] < 0.7
    others = [one["calibration"] for one in told["segments"]
              if one["id"] not in (best["id"], UNKNOWN)]  # fmt: skip
    assert others and all(one["value"] > 1.1 for one in others)
    assert max(one["low"] for one in others) > 1.2
    assert told["overall"]["predicted"] == pytest.approx(told["overall"]["rate"], rel=0.15)


def test_impressions_add_up_and_strangers_are_a_group_of_their_own(told):
    assert sum(one["impressions"] for one in told["segments"]) == len(adverts())
    unknown = told["segments"][-1]
    assert unknown["id"] == UNKNOWN and unknown["impressions"] >= 25


def test_segments_tell_something_surely_when_they_do_and_not_when_they_do_not(
    told, live, fortnight, definitions, names
):
    assert told["tells"]["surely"] and told["tells"]["explained"] > 0.05
    alike = adverts(rates=dict.fromkeys(RATES, 0.2))
    found = measure([alike], live, fortnight, definitions, names, recipe=RECIPE, days=[SHOWN])
    assert not found["usefulness.json"]["tells"]["surely"]


def test_listening_on_the_day_of_the_advert_changes_nothing(
    told, live, fortnight, definitions, names
):
    later = history(seed=5)[-1]
    moved = {
        name: frame.assign(day=pd.Timestamp(SHOWN)).astype({"day": frame["day"].dtype})
        for name, frame in later.items()
    }
    found = measure([adverts()], live, [*fortnight, moved], definitions, names, recipe=RECIPE,
                    days=[SHOWN])  # fmt: skip
    assert found["usefulness.json"] == told


def test_rows_in_any_order_and_any_shards_give_the_same_figures(
    told, live, fortnight, definitions, names
):
    rows = adverts()
    first = rows["listener"] < "listener-060"
    found = measure([rows[~first].sample(frac=1, random_state=1), rows[first]], live, fortnight,
                    definitions, names, recipe=RECIPE, days=[SHOWN])  # fmt: skip
    assert found["usefulness.json"] == told


def test_definitions_younger_than_the_adverts_are_admitted(live, fortnight, definitions, names):
    found = measure([adverts(LAST)], live, fortnight, definitions, names, recipe=RECIPE,
                    days=[LAST])  # fmt: skip
    assert "not before the adverts were shown" in found["usefulness.json"]["notes"][0]


def test_without_a_live_model_the_response_is_told_and_calibration_is_not(
    fortnight, definitions, names
):
    found = measure([adverts()], {"live.json": {"live_day": None}}, fortnight, definitions, names,
                    recipe=RECIPE, days=[SHOWN])["usefulness.json"]  # fmt: skip
    assert found["segments"][0]["rate"] is not None
    assert {one["predicted"] for one in found["segments"]} == {None}
    assert {one["calibration"]["value"] for one in found["segments"]} == {None}
    assert found["notes"] == ["No ad model is live: what was foretold is not known."]


def test_a_day_without_adverts_is_said_to_be_one(live, fortnight, definitions, names):
    found = measure([adverts()[:0]], live, fortnight, definitions, names, recipe=RECIPE,
                    days=[SHOWN])["usefulness.json"]  # fmt: skip
    assert found["overall"]["rate"] is None and found["tells"] is None
    assert found["notes"] == ["No advert was shown on the test days: nothing was measured."]


def test_a_source_without_adverts_says_so_and_keeps_what_is_known_of_friends():
    friends = {"pairs": 10, "same": 0.4, "expected": 0.2, "ratio": 2.0, "low": 1.1, "high": 3.2}
    told = not_measured(friends, reason="source eventlog has no impressions")
    assert told["usefulness.json"]["friends"] == friends
    assert told["usefulness.json"]["notes"] == [
        "Response to adverts by segment was not measured: source eventlog has no impressions."
    ]


def test_a_listeners_rows_move_together_when_chance_is_measured():
    # Two listeners of a thousand rows each that differ: with so few people it may be chance.
    people = pd.Series(["a"] * 1000 + ["b"] * 1000)
    labels = np.r_[np.ones(200), np.zeros(800), np.ones(100), np.zeros(900)]
    assert not told_by(labels, people, people, seed=1)["surely"]
