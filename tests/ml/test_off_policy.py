"""Off-policy estimates: right where the answer can be worked out by hand, and unsure enough."""

import numpy as np
import pandas as pd
import pytest

from ml.intervals import resample
from ml.off_policy import (
    Logged,
    diagnostics,
    doubly_robust,
    gain,
    inverse_propensity,
    observed,
    self_normalised,
)

ESTIMATORS = [inverse_propensity, self_normalised, doubly_robust]
PAYS = np.array([0.02, 0.10])
"""The chance of a click on a poor and on a good advert."""


def drawn(rows: int):
    return resample(pd.Series([f"l{number:05d}" for number in range(rows)], dtype="str"), 200, 7)


def log(rows: int, seed: int, shown_good: float = 0.2, chooses_good: float = 0.9,
        believed: np.ndarray = PAYS) -> Logged:  # fmt: skip
    """A server that shows the good advert in a fifth of cases; a target that nearly always does."""
    generator = np.random.default_rng(seed)
    good = (generator.random(rows) < shown_good).astype(int)
    shares = np.array([[1 - share, share] for share in (shown_good, chooses_good)])
    return Logged(
        reward=(generator.random(rows) < PAYS[good]).astype(float),
        propensity=shares[0, good],
        target=shares[1, good],
        foretold=believed[good],
        foretold_target=np.full(rows, believed @ [1 - chooses_good, chooses_good]),
        stake=np.ones(rows),
    )


TRUTH = float(PAYS @ [0.1, 0.9])


def test_by_hand_two_opportunities_are_weighed_by_what_the_target_would_do():
    two = Logged(reward=np.array([1.0, 0.0]), propensity=np.array([0.5, 0.5]),
                 target=np.array([0.6, 0.5]), foretold=np.array([0.4, 0.2]),
                 foretold_target=np.array([0.3, 0.3]), stake=np.ones(2))  # fmt: skip
    sure = drawn(2)
    assert inverse_propensity(two, sure)["value"] == pytest.approx((1.2 * 1 + 1 * 0) / 2)
    assert self_normalised(two, sure)["value"] == pytest.approx(1.2 / 2.2)
    assert doubly_robust(two, sure)["value"] == pytest.approx(0.3 + (1.2 * 0.6 - 1 * 0.2) / 2)
    assert gain(two, sure)["value"] == pytest.approx(0.3 + (1.2 * 0.6 - 1 * 0.2) / 2 - 0.5)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_choosing_as_the_log_chose_earns_what_the_log_earned(estimator):
    same = log(500, seed=1, chooses_good=0.2)
    assert estimator(same, drawn(500))["value"] == pytest.approx(same.reward.mean(), rel=0.35)
    assert inverse_propensity(same, drawn(500))["value"] == pytest.approx(same.reward.mean())


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_nineteen_intervals_in_twenty_hold_the_truth(estimator):
    found = [estimator(log(800, seed), drawn(800)) for seed in range(60)]
    held = np.mean([one["low"] <= TRUTH <= one["high"] for one in found])
    assert held >= 0.88
    assert np.mean([one["value"] for one in found]) == pytest.approx(TRUTH, rel=0.06)


def test_a_wrong_model_does_not_mislead_and_a_right_one_makes_surer():
    beliefs = {"wrong": PAYS[::-1], "right": PAYS}
    found = {
        name: [doubly_robust(log(1000, seed, believed=belief), drawn(1000)) for seed in range(60)]
        for name, belief in beliefs.items()
    }
    values = {name: [one["value"] for one in each] for name, each in found.items()}
    assert np.mean(values["wrong"]) == pytest.approx(TRUTH, rel=0.1)
    assert np.std(values["right"]) < np.std(values["wrong"])


def test_where_the_few_answers_that_count_happen_to_be_none_nobody_is_sure_of_nothing():
    chosen = log(300, seed=3, chooses_good=1.0)
    unlucky = Logged(**{**vars(chosen), "reward": chosen.reward * (chosen.target == 0)})
    assert unlucky.reward.sum() > 0
    found = inverse_propensity(unlucky, drawn(300))
    assert found["value"] == 0 and found["high"] > 0.02


def test_one_listener_with_many_answers_is_one_listener():
    many = log(900, seed=5)
    few = resample(pd.Series(np.repeat(["ann", "bob", "cid"], 300), dtype="str"), 300, 7)
    each = resample(pd.Series([f"l{number}" for number in range(900)], dtype="str"), 300, 7)
    one_by_one, together = (observed(many.reward, draws) for draws in (each, few))
    assert one_by_one["value"] == together["value"]
    clumped = np.repeat([0.0, 0.0, 1.0], 300)
    wide, narrow = (observed(clumped, draws) for draws in (few, each))
    assert wide["high"] - wide["low"] > 5 * (narrow["high"] - narrow["low"])


def test_what_little_of_the_log_speaks_is_told():
    found = diagnostics(log(1000, seed=2))
    assert found["matched_rows"] == 1000
    assert 200 < found["effective_rows"] < 500
    assert found["largest_weight"] == pytest.approx(0.9 / 0.2)
    assert found["clipped_share"] == 0
    assert found["mean_weight"] == pytest.approx(1, abs=0.15)
    rare = Logged(**{**vars(log(100, seed=2)), "propensity": np.full(100, 0.001)})
    assert diagnostics(rare)["clipped_share"] == 1
