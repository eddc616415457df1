"""Scores are calibrated probabilities: what is said to happen three times in ten, does."""

import numpy as np
import pandas as pd

from conformance import stages
from conformance.comparing import surviving
from conformance.signal import model_of, planted
from conformance.small_world import SmallWorld
from ml.calibration import predict
from ml.family import Family

ERRORS = 4.0
"""How many standard errors the observed number may be away from the predicted one."""


def scores_are_calibrated_probabilities(family: Family, world: SmallWorld) -> None:
    """On rows never seen, as many answers come as were foretold, also of the upper half."""
    dealt = planted(family, world)
    found, rows = model_of(family, world, dealt), dealt["test"]
    predicted = predict(found, found, rows, family.model)
    chances = predicted if predicted.ndim == 2 else predicted[:, None]
    for number, chance in enumerate(chances.T):
        label = (rows["label"] == (number if predicted.ndim == 2 else 1)).to_numpy()
        upper = chance >= np.median(chance)
        for where, half in (("all rows", np.ones(len(rows), bool)), ("the upper half", upper)):
            _assert_as_many(label[half], chance[half], where)


def what_is_scored_is_a_probability(family: Family, world: SmallWorld) -> None:
    """Every candidate's score is the model's probability, whatever the family settles."""
    offered = stages.candidates(family, world)
    found = stages.nightly_model(family, world)
    if "model.txt" not in found:
        found = model_of(family, world, planted(family, world))
    with surviving("When candidates are scored"):
        scored = stages.scores(family, world, found, offered)
    rows = offered if family.scope is None else family.scope(offered)
    predicted = predict(found, found, rows, family.model)
    best = predicted if predicted.ndim == 1 else predicted.max(axis=1)
    assert len(scored) == len(best), (
        f"Expected a score of each of {len(best):,} candidates, found {len(scored):,}."
    )
    for name in _chances(scored):
        _assert_within(scored[name], name)
    apart = float(np.abs(scored["score"].to_numpy() - best).max(initial=0))
    assert apart < 1e-9, (
        f"In column score, expected the model's calibrated probability, found values up to "
        f"{apart:.3g} away from it. `settle` may say what a score means, not change it."
    )
    each = scored[[name for name in scored if name.startswith("probability_")]]
    total = float(np.abs(each.sum(axis=1) - 1).max()) if each.shape[1] else 0.0
    assert total < 1e-6, f"Expected the classes' probabilities to sum to 1; they miss by {total}."


def _assert_as_many(label: np.ndarray, chance: np.ndarray, where: str) -> None:
    expected, observed = chance.sum(), label.sum()
    error = np.sqrt((chance * (1 - chance)).sum())
    assert abs(expected - observed) <= ERRORS * error, (
        f"In column score, of {where}: expected {expected:.0f} of {len(label):,} rows to be "
        f"answered, found {observed:.0f}; luck explains {ERRORS * error:.0f} either way."
    )


def _chances(scored: pd.DataFrame) -> list[str]:
    named = [name for name in ("score", "probability", "low", "high") if name in scored]
    return named + [name for name in scored if name.startswith("probability_")]


def _assert_within(values: pd.Series, name: str) -> None:
    wrong = values[~values.between(0, 1) & ~(values.isna() & (name in ("low", "high")))]
    assert wrong.empty, (
        f"In column {name}, expected probabilities from 0 to 1, found {wrong.iloc[0]} "
        f"and {len(wrong) - 1:,} more."
    )
