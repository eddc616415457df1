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
BOUNDS = ("low", "high")


def scores_are_calibrated_probabilities(family: Family, world: SmallWorld) -> None:
    """Of rows never seen as many are answered as their scores say, also of the upper half.

    Scores are what is written down in the end, after whatever the family settles; every one is
    from 0 to 1, and the model's own probability.
    """
    dealt = planted(family, world)
    found, rows = model_of(family, world, dealt), dealt["test"]
    scored = _scored(family, world, found, rows)
    for name in _chances(scored):
        _assert_within(scored[name], name)
    predicted = predict(found, found, rows, family.model)
    several = predicted.ndim == 2
    said = scored[[f"probability_{name}" for name in found["card.json"]["classes"]]
                  if several else ["score"]]  # fmt: skip
    for number, name in enumerate(said):
        _assert_as_many(rows["label"] == (number if several else 1), said[name], name)
    apart = np.abs(scored["score"] - (predicted.max(axis=1) if several else predicted)).max()
    assert apart < 1e-9, (
        f"In column score, expected the model's calibrated probability, found values up to "
        f"{apart:.3g} away from it. `settle` may say what a score means, not change it."
    )
    total = np.abs(said.sum(axis=1) - 1).max() if several else 0.0
    assert total < 1e-6, f"Expected the classes' probabilities to sum to 1; they miss by {total}."


def _scored(family: Family, world: SmallWorld, found: dict, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows as candidates; what only candidates have is as in the first of them."""
    first = stages.candidates(family, world).iloc[0]
    more = {name: first[name] for name in family.score_columns if name not in rows}
    with surviving("When candidates are scored"):
        scored = stages.scores(family, world, found, rows.assign(**more))
    assert len(scored) == len(rows), (
        f"Expected a score of each of {len(rows):,} candidates, found {len(scored):,}."
    )
    return scored


def _assert_as_many(answered: pd.Series, chance: pd.Series, name: str) -> None:
    for where, half in (("all rows", chance >= 0), ("the upper half", chance >= chance.median())):
        expected, observed = chance[half].sum(), answered[half].sum()
        error = np.sqrt((chance[half] * (1 - chance[half])).sum())
        assert abs(expected - observed) <= ERRORS * error, (
            f"In column {name}, of {where}: expected {expected:.0f} of {half.sum():,} rows to be "
            f"answered, found {observed}; luck explains {ERRORS * error:.0f} either way."
        )


def _chances(scored: pd.DataFrame) -> list[str]:
    named = [name for name in ("score", "probability", *BOUNDS) if name in scored]
    return named + [name for name in scored if name.startswith("probability_")]


def _assert_within(values: pd.Series, name: str) -> None:
    known = values.dropna() if name in BOUNDS else values
    wrong = known[~known.between(0, 1)]
    assert wrong.empty, (
        f"In column {name}, expected probabilities from 0 to 1, found {wrong.iloc[0]:.3g} "
        f"and {len(wrong) - 1:,} more."
    )
