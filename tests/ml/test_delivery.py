import numpy as np
import pandas as pd
import pytest

from ml.delivery import delivery
from ml.intervals import resample


def people(count=1000, seed=5):
    """Three test rows a listener; a fifth of the listeners are old."""
    dice = np.random.default_rng(seed)
    names = [f"l{number:04d}" for number in range(count)]
    old = pd.Series(np.where(np.arange(count) % 5 == 0, "old", "young"), index=names)
    rows = pd.DataFrame({"listener": dice.permutation(np.repeat(names, 3))})
    return rows.assign(age_band=rows["listener"].map(old).astype("str"))


def by_age(rows, predicted):
    found = delivery(rows, predicted, resample(rows["listener"], 100, 7))
    return {entry["value"]: entry for entry in found}


def test_a_group_scored_like_the_others_is_addressed_in_proportion():
    rows = people()
    found = by_age(rows, np.random.default_rng(1).random(len(rows)))
    assert found["old"]["rows"] == 200 and found["old"]["eligible_share"] == pytest.approx(0.2)
    assert found["old"]["ratio"]["low"] < 1 < found["old"]["ratio"]["high"]


def test_a_group_scored_low_is_surely_addressed_less():
    rows = people()
    scores = np.random.default_rng(1).random(len(rows)) - (rows["age_band"] == "old") * 0.2
    found = by_age(rows, scores.to_numpy())
    assert found["old"]["ratio"]["high"] < 0.5 and found["young"]["ratio"]["low"] > 1


def test_the_order_of_rows_does_not_matter():
    rows = people()
    scores = pd.Series(np.random.default_rng(1).random(len(rows)))
    mixed = rows.sample(frac=1, random_state=3)
    assert by_age(rows, scores.to_numpy()) == by_age(
        mixed.reset_index(drop=True), scores[mixed.index].to_numpy()
    )
