import dataclasses
import doctest
import json

import pytest
from planted_responses import RECIPE, moods, responses

from ml import feature_groups
from ml.families import FAMILIES
from ml.feature_groups import at_most, in_no_group, measure
from ml.sampling import part
from ml.training import fit

TRAIN, STOP, TEST = responses(1), responses(2, day=2), responses(3, day=3)
GROUPS = (
    ("the evening", ("evening_share",)),
    ("noise", ("noise", "attr_*")),
    ("device", ("device",)),
    ("what no source brings", ("tempo",)),
)


def measured(test=TEST, recipe=RECIPE, train=TRAIN, stop=STOP, **settings):
    model = fit([train], [stop], recipe=recipe, threads=1)
    settings = {"groups": GROUPS, "draws": 60, **settings}
    return measure(model, [train], [stop], [test], recipe=recipe, **settings)


@pytest.fixture(scope="module")
def found():
    return measured()


def test_the_numbers_in_the_docstrings_are_right():
    assert doctest.testmod(feature_groups).failed == 0


def test_the_group_that_carries_the_signal_would_be_missed_and_noise_would_not(found):
    changes = {group["group"]: group for group in found["groups"]}
    assert list(changes) == ["the evening", "noise", "device"]
    assert changes["the evening"]["normalized_entropy"]["low"] > 0.02
    assert changes["the evening"]["auc"]["high"] < -0.05
    noise = changes["noise"]["normalized_entropy"]
    assert noise["low"] < 0.003 and abs(noise["value"]) < 0.01
    assert changes["noise"]["features"] == ["attr_break", "noise"]
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_group_without_any_value_is_left_out():
    silent = TRAIN.assign(noise=float("nan"), attr_break=float("nan"))
    assert [one["group"] for one in measured(train=silent)["groups"]] == ["the evening", "device"]


def test_the_order_of_rows_and_their_shards_do_not_matter(found):
    mixed = TRAIN.sample(frac=1, random_state=1)
    assert measured(train=mixed, test=TEST[::-1]) == found


def test_no_more_rows_are_learnt_from_than_a_night_can_bear():
    found = measured(most_rows=2000)
    assert (found["rows"], found["rows_of"]) == (pytest.approx(2000, rel=0.1), len(TRAIN))
    evening = found["groups"][0]
    assert evening["normalized_entropy"]["low"] > 0
    thinned = dataclasses.replace(RECIPE, keep_negatives=0.2)
    kept = at_most(part([TRAIN], "train"), thinned, 1000)
    assert len(kept) > 1000 and kept["label"].mean() == pytest.approx(
        TRAIN["label"].mean(), abs=0.02
    )


def test_days_that_teach_or_judge_nothing_give_a_note():
    assert measured(test=TEST[:0])["notes"] == ["There were no test rows."]
    untrained = measured(train=TRAIN[:0])
    assert untrained["groups"] == [] and "no examples" in untrained["notes"][0]


def test_a_model_of_several_classes_is_measured_by_its_entropy():
    classes = dataclasses.replace(RECIPE, objective="multiclass", rounds=10)
    rows = moods()
    found = measured(test=rows, recipe=classes, train=rows, stop=rows, groups=GROUPS[:1])
    assert found["groups"][0]["normalized_entropy"]["low"] > 0
    assert "auc" not in found["groups"][0]


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_every_feature_of_a_family_is_in_exactly_one_group(family):
    if family.feature_groups:
        features = [*family.model.features, *(f"{name}x" for name in family.model.open_features)]
        assert in_no_group(features, family.feature_groups) == []
