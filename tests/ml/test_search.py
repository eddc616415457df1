import ast
import dataclasses
import json

import pandas as pd
import pytest
from planted_responses import RECIPE, responses

from ml.family import Knob
from ml.search import RANDOM_TRIALS, SearchRefused, attempt, proposed, told
from ml.search_result import suggest

SPACE = (
    Knob("num_leaves", 4, 31, log=True, whole=True),
    Knob("learning_rate", 0.02, 0.3, log=True),
)
QUICK = dataclasses.replace(RECIPE, rounds=15)


def result(trial, leaves, rate, entropy):
    chosen = {"num_leaves": leaves, "learning_rate": rate}
    return {"trial": trial, "parameters": chosen, "normalized_entropy": entropy}


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """Files of examples of three days, in time order."""
    folder = tmp_path_factory.mktemp("days")
    for day in (1, 2, 3):
        responses(day, day=day).to_parquet(folder / f"{day}.parquet")
    return [folder / f"{day}.parquet" for day in (1, 2, 3)]


@pytest.fixture(scope="module")
def trials(days, tmp_path_factory):
    """Folders of four trials, as tasks leave them."""
    folders = []
    for trial in range(4):
        learn, watch, judge = ([day] for day in days)
        made = attempt(learn, watch, judge, [], recipe=QUICK, space=SPACE, trial=trial)
        folder = tmp_path_factory.mktemp(f"trial-{trial}")
        (folder / "trial.json").write_text(json.dumps(made["trial.json"]))
        made["losses.parquet"].to_parquet(folder / "losses.parquet")
        folders.append(folder)
    return folders


def test_the_first_trial_is_the_family_as_it_stands():
    assert proposed([], RECIPE, SPACE, 0) == {"num_leaves": 7, "learning_rate": 0.1}


def test_a_trial_is_the_same_whenever_and_in_whatever_order_earlier_ones_are_told():
    earlier = [result(trial, 4 + trial, 0.1, 0.9 + trial / 100) for trial in range(12)]
    first = proposed(earlier, RECIPE, SPACE, 12)
    assert proposed(earlier[::-1], RECIPE, SPACE, 12) == first
    assert proposed(earlier, RECIPE, SPACE, 13) != first


def test_later_trials_look_where_earlier_ones_did_well():
    leaves = [4, 5, 6, 8, 20, 23, 26, 30, 4, 7, 24, 28]
    earlier = [result(at, n, 0.1, 0.8 if n > 15 else 0.9) for at, n in enumerate(leaves)]
    assert len(earlier) > RANDOM_TRIALS
    found = [proposed(earlier, RECIPE, SPACE, trial)["num_leaves"] for trial in range(12, 24)]
    assert sum(one > 15 for one in found) > 8


def test_what_is_tried_stays_in_its_bounds():
    found = [proposed([], RECIPE, SPACE, trial) for trial in range(1, 30)]
    assert all(4 <= one["num_leaves"] <= 31 for one in found)
    assert all(0.02 <= one["learning_rate"] <= 0.3 for one in found)


def test_a_space_that_the_recipe_lies_outside_of_is_refused():
    with pytest.raises(SearchRefused, match=r"num_leaves between 8 and 31.*found 7"):
        attempt([], [], [], [], recipe=RECIPE, space=(Knob("num_leaves", 8, 31),), trial=0)


def test_the_judged_day_teaches_nothing(days, trials):
    """With other labels on the judged day, the same trees are grown: only the figure differs."""
    judged = pd.read_parquet(days[2])
    turned = days[2].with_name("turned.parquet")
    judged.assign(label=1 - judged["label"]).to_parquet(turned)
    made = attempt(days[:1], days[1:2], [turned], [], recipe=QUICK, space=SPACE, trial=0)
    before = told(trials[0])
    assert made["trial.json"]["trees"] == before["trees"]
    assert made["trial.json"]["normalized_entropy"] > before["normalized_entropy"]


def test_the_suggestion_is_the_best_trial_as_code_with_its_difference_from_today(trials):
    found = suggest(trials, recipe=QUICK, space=SPACE, family_name="ad_targeting")
    figures = [told(trial)["normalized_entropy"] for trial in trials]
    best = found["best.json"]["best"]
    assert best["normalized_entropy"] == min(figures)
    assert found["best.json"]["difference"]["value"] == pytest.approx(min(figures) - figures[0])
    code = found["suggestion.txt"]
    assert f'("num_leaves", {best["parameters"]["num_leaves"]}),' in code
    pasted = ast.literal_eval(code.split("parameters=")[1].strip().rstrip(","))
    assert dict(pasted) == dict(RECIPE.parameters) | best["parameters"]
    assert list(found["trials.parquet"]["normalized_entropy"]) == figures
    assert found["history.svg"].count("<circle") == 4


def test_nothing_is_suggested_when_nothing_was_better(trials):
    worse = suggest([trials[0]] * 2, recipe=QUICK, space=SPACE, family_name="ad_targeting")
    assert "none of 2 trials did better" in worse["suggestion.txt"]
