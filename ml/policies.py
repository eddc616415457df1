"""Ways to choose adverts, and what each would have earned at the opportunities of a day.

A policy here chooses, of the adverts offered at an opportunity, the one its model values most,
and now and then any of them alike. What it would have earned is told by ``ml.off_policy``.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.calibration import predict
from ml.family import ModelRecipe
from ml.intervals import Resampling, resample
from ml.metrics import number
from ml.off_policy import (
    Logged,
    diagnostics,
    doubly_robust,
    gain,
    inverse_propensity,
    observed,
    self_normalised,
)
from ml.progress import progress
from ml.value import bids, earned

Bundle = tuple[dict, dict]
"""A model and its calibration."""

EXPLORES = 0.05
"""Share of opportunities at which a policy tries any of the adverts offered."""
FEW = 50
"""Effective opportunities below which a note says how little the log speaks of a policy."""
OURS = "the new model by value"
NO_PROPENSITIES = (
    "The log holds no propensities on the test days (or nothing is known of the days before), so "
    "what another choice of adverts would have earned cannot be told."
)
NO_MODEL = "No model was trained tonight, so there is no new choice of adverts to judge."


@dataclass(frozen=True)
class Outcome:
    """What one family foretells: its worth in bids, its kinds of OUTCOMES, where it speaks."""

    family: str
    worth: float
    kinds: tuple[str, ...]
    recipe: ModelRecipe
    scope: Callable[[pd.DataFrame], pd.DataFrame] | None = None


def estimate(
    alternatives: list[pd.DataFrame],
    models: dict[str, dict],
    calibrations: dict[str, dict],
    champions: dict[str, dict] | None = None,
    campaigns: list[pd.DataFrame] | None = None,
    *,
    outcomes: tuple[Outcome, ...],
    family_name: str,
    night: dt.date,
    test_days: list[dt.date],
    draws: int = 500,
    seed: int = 7,
) -> dict:
    """``off_policy.json``: what policies would have earned per opportunity, in units of bids.

    ``models``, ``calibrations`` and ``champions`` (live bundles) are by family, ``alternatives``
    as :func:`ml.features.ad_alternatives.alternatives` makes them, in any number of shards. A
    reward is the bid times the worth of what came within a day of the impression. Without a
    propensity in the log there are no policies, and a note says so.
    """
    asked = {
        "family": family_name,
        "day": night.isoformat(),
        "test_days": [day.isoformat() for day in test_days],
        "counted": [one.family for one in outcomes],
    }
    rows = together(alternatives)
    if rows.empty or "model.txt" not in models[outcomes[0].family]:
        reason = NO_PROPENSITIES if rows.empty else NO_MODEL
        return {"off_policy.json": {**asked, "rows": 0, "policies": [], "notes": [reason]}}
    bid, shown = bids(rows["ad"], campaigns), rows["logged"].to_numpy()
    came = {one.family: rows[list(one.kinds)].max(axis=1).to_numpy() for one in outcomes}
    reward = earned(came, bid, tuple((one.family, one.worth) for one in outcomes))
    tonight = {name: (models[name], calibrations[name]) for name in models}
    before = {name: (live, live) for name, live in (champions or {}).items()}
    progress("what each policy would have chosen", 0.1)
    values = wishes(rows, bid, tonight, before, outcomes)
    drawn = resample(rows.loc[shown, "listener"], draws, seed)
    progress("what each policy would have earned", 0.5)
    found = [
        _figures(name, logged(rows, reward, chosen(rows, value), values[OURS], bid), drawn)
        for name, value in values.items()
    ]
    standing = {"name": "as logged", "logged": observed(reward[shown], drawn)}
    explored = rows.loc[shown, "explored"]
    told = {
        "rows": int(shown.sum()),
        "explored_share": number((explored == 1).mean()) if (explored >= 0).all() else None,
        "policies": [*found, standing],
        "notes": _notes(found),
    }
    return {"off_policy.json": {**asked, **told}}


def wishes(
    rows: pd.DataFrame,
    bid: np.ndarray,
    tonight: dict[str, Bundle],
    before: dict[str, Bundle],
    outcomes: tuple[Outcome, ...],
) -> dict[str, np.ndarray]:
    """By policy, what it would have the most of: money, or clicks."""
    first = outcomes[0].family
    values = {OURS: expected(rows, tonight, outcomes) * bid}
    values["the new model by click rate"] = expected(rows, tonight, outcomes[:1])
    if "model.txt" in before.get(first, ({}, {}))[0]:
        values["the champion by value"] = expected(rows, before, outcomes) * bid
    return values


def together(alternatives: list[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all shards in one order; those of an opportunity lie together."""
    filled = [frame for frame in alternatives if len(frame)] or alternatives[:1]
    order = ["moment", "listener", "impression", "ad"]
    rows = pd.concat(filled, ignore_index=True)
    # A copy lies in one piece: columns are added to it.
    return rows.sort_values(order, kind="stable", ignore_index=True).copy()


def expected(
    rows: pd.DataFrame, models: dict[str, Bundle], outcomes: tuple[Outcome, ...]
) -> np.ndarray:
    """The worth in bids that each row is expected to bring; what no model foretells adds nothing.

    ``models`` are by family.
    """
    total = np.zeros(len(rows))
    for one in outcomes:
        model, calibration = models.get(one.family, ({}, {}))
        if "model.txt" in model:
            placed = rows.assign(place=np.arange(len(rows)))
            spoken = placed if one.scope is None else one.scope(placed)
            said = predict(model, calibration, spoken, one.recipe)
            total[spoken["place"].to_numpy()] += one.worth * said
    return total


def chosen(rows: pd.DataFrame, values: np.ndarray, explores: float = EXPLORES) -> np.ndarray:
    """The probability with which a policy chooses each row's advert at its opportunity.

    The offered advert of the greatest value (of equals the first), but in the share ``explores``
    any offered one. Where none is offered the logged advert stays.
    """
    group = pd.factorize(rows["impression"])[0]
    offered = rows["offered"].to_numpy()
    alone = np.bincount(group, weights=offered)[group] == 0
    free = offered | (alone & rows["logged"].to_numpy())
    order = np.lexsort((np.arange(len(rows)), -np.where(free, values, -np.inf), group))
    best = np.zeros(len(rows), dtype=bool)
    best[order[np.append(True, np.diff(group[order]) != 0)]] = True
    return explores * free / np.bincount(group, weights=free)[group] + (1 - explores) * best


def logged(
    rows: pd.DataFrame,
    reward: np.ndarray,
    target: np.ndarray,
    foretold: np.ndarray,
    stake: np.ndarray,
) -> Logged:
    """The log's opportunities as ``ml.off_policy`` wants them, from their alternatives.

    All arrays are by row of ``rows``; one row of an opportunity is the logged one.
    """
    shown = rows["logged"].to_numpy()
    group = pd.factorize(rows["impression"])[0]
    return Logged(
        reward=reward[shown],
        propensity=rows["propensity"].to_numpy()[shown],
        target=target[shown],
        foretold=foretold[shown],
        foretold_target=np.bincount(group, weights=target * foretold),
        stake=stake[shown],
    )


def _figures(name: str, log: Logged, drawn: Resampling) -> dict:
    return {
        "name": name,
        "doubly_robust": doubly_robust(log, drawn),
        "ips": inverse_propensity(log, drawn),
        "snips": self_normalised(log, drawn),
        "against_logged": gain(log, drawn),
        "foretold": number(log.foretold_target.mean()),
        "diagnostics": diagnostics(log),
    }


def _notes(policies: list[dict]) -> list[str]:
    return [
        f"The log says little about {one['name']}: it speaks with the weight of "
        f"{one['diagnostics']['effective_rows']:.0f} opportunities."
        for one in policies
        if (one["diagnostics"]["effective_rows"] or 0) < FEW
    ]
