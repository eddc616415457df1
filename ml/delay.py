"""How late outcomes come, as far as a log can tell, and what young labels are worth.

A young impression without a conversion may still get one. Either such days are waited for, or
their labels are weighted by how much of what will come has come. The share that has come after a
time is estimated from the past alone, although the past too is cut off where the log ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.labels import no_outcomes

LEAST = 0.1
"""Below this share of arrived outcomes a label is not stretched further: weights stay below 10."""


@dataclass(frozen=True)
class Arrival:
    """The share of an outcome's arrivals within ``window`` that have come: a step function.

    ``shares[i]`` has come by ``delays[i]``, both ascending; ``delays`` and ``window`` in days.
    """

    delays: np.ndarray
    shares: np.ndarray
    window: float

    def by(self, age: np.ndarray) -> np.ndarray:
        """The share that has come at each age in days; 1 from the window's end on."""
        at = np.searchsorted(self.delays, age, side="right")
        found = np.append(0.0, self.shares)[at]
        return np.where(np.asarray(age) >= self.window, 1.0, found)


def waits(
    impressions: Sequence[pd.DataFrame],
    outcomes: Sequence[pd.DataFrame],
    kinds: tuple[str, ...],
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """For every impression answered before ``as_of``: days it ``waited``, days it was ``followed``.

    The first answer counts; what happened from ``as_of`` on is not looked at.
    """
    shown = pd.concat(list(impressions), ignore_index=True)[["impression", "at"]]
    answers = pd.concat([no_outcomes(), *outcomes], ignore_index=True)
    answers = answers[answers["kind"].isin(kinds) & (answers["at"] < as_of)]
    first = answers.groupby("impression", as_index=False)["at"].min()
    both = first.merge(shown, on="impression", suffixes=("", "_shown"))
    day = pd.Timedelta(days=1)
    waited, followed = (both["at"] - both["at_shown"]) / day, (as_of - both["at_shown"]) / day
    found = pd.DataFrame({"waited": waited, "followed": followed})
    return found[found["waited"] >= 0].reset_index(drop=True)


def arrival(waited: np.ndarray, followed: np.ndarray, window: float) -> Arrival:
    """The delay's distribution within ``window`` days, from the answers that were seen in time.

    An answer is known when it came sooner than the log ended, so short waits are seen too often:
    a log that is right-truncated. The product-limit estimator in reversed time (Lagakos, Barraj
    and De Gruttola 1988) puts that right: of those followed at least ``s`` days and answered by
    then, what share answered just at ``s``? Raises ValueError when nothing was answered in time.
    """
    inside = waited < window
    times, limits = np.asarray(waited)[inside], np.minimum(np.asarray(followed)[inside], window)
    if not len(times):
        raise ValueError(
            f"Expected answers within {window:g} days to learn delays from; found none. Use mature "
            "labels alone, or more days of history."
        )
    delays, events = np.unique(times, return_counts=True)
    at_risk = np.searchsorted(np.sort(times), delays, side="right") - np.searchsorted(
        np.sort(limits), delays, side="left"
    )
    stays = 1 - events / at_risk
    later = np.append(np.cumprod(stays[::-1])[::-1][1:], 1.0)
    return Arrival(delays, later, window)


def weights(labels: np.ndarray, age: np.ndarray, arrived: Arrival) -> np.ndarray:
    """Weights that make labels seen at ``age`` days stand for those of the whole window.

    Feedback shift importance weights (Yasui et al. 2020), with the delay not depending on who
    and what: a label of 1 stands for all that will come, 1 / share; a 0 for the chance that it
    stays one, (1 - p) / (1 - share p), p being the rate of outcomes in the end.
    """
    share = np.maximum(arrived.by(age), LEAST)
    rate = min(labels.sum() / share.sum(), 0.999) if len(labels) else 0.0
    return np.where(labels == 1, 1 / share, (1 - rate) / (1 - share * rate))
