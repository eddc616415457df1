"""What showing an advert is worth: the bid times what its outcomes are worth, as foretold.

    value = bid x (worth of outcome 1 x its probability + worth of outcome 2 x ...)

A family says what each outcome is worth in bids (``Family.worth``). The unit is that of the bids;
where the source has none, every bid is one, and a value is counted in clicks.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ml.uncertainty import TWO_SIDED_95

MICROS = 1_000_000
KEYS = ["listener", "campaign", "ad"]

Worth = tuple[tuple[str, float], ...]


def expected_value(
    scores: Sequence[pd.DataFrame],
    campaigns: Sequence[pd.DataFrame] | None = None,
    *,
    worth: Worth,
) -> pd.DataFrame:
    """Every scored opportunity with its expected value: the first scores' rows, in their order.

    ``scores`` are those of the families of ``worth``, in its order. Adds ``value`` with its 95 %
    bounds ``value_low`` and ``value_high``, ``bid``, and each other family's probability under
    its name. An outcome that no model foretells (nothing is live), or that an advert cannot have,
    adds nothing and its probability is missing. ``score`` becomes the value, so that whoever
    ranks by scores ranks by value; the first family's probability becomes ``click_rate``.
    """
    rows = scores[0].rename(columns={"score": "click_rate"})
    probabilities, errors = [rows["click_rate"].to_numpy()], [_error(rows)]
    for (name, _), other in zip(worth[1:], scores[1:], strict=True):
        found = rows[KEYS].merge(other[[*KEYS, "score", "low", "high"]], on=KEYS, how="left")
        rows[name] = found["score"].to_numpy(dtype=float)
        probabilities.append(rows[name].to_numpy())
        errors.append(_error(found))
    bid = bids(rows["ad"], campaigns)
    weights = [weight for _, weight in worth]
    value, reach = combined(probabilities, errors, weights)
    return rows.assign(
        bid=bid, value=bid * value, value_low=bid * (value - reach),
        value_high=bid * (value + reach), score=bid * value,
    )  # fmt: skip


def combined(
    probabilities: Sequence[np.ndarray], errors: Sequence[np.ndarray], weights: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """The weighted sum of probabilities, and half the width of its 95 % interval.

    The models' errors are taken to be independent, so their variances add; a missing probability
    adds nothing, a missing error is one that is not known and counts as none.
    """
    value = sum(w * np.nan_to_num(p) for w, p in zip(weights, probabilities, strict=True))
    variance = sum((w * np.nan_to_num(e)) ** 2 for w, e in zip(weights, errors, strict=True))
    return np.asarray(value), TWO_SIDED_95 * np.sqrt(np.asarray(variance))


def bids(ads: pd.Series, campaigns: Sequence[pd.DataFrame] | None) -> np.ndarray:
    """The bid for a click on each ad, in units; 1 where nobody told it."""
    if campaigns is None:
        return np.ones(len(ads))
    known = pd.concat(list(campaigns)).drop_duplicates("ad").set_index("ad")["bid_micros"]
    told = ads.map(known[known >= 0] / MICROS)
    return told.fillna(1.0).to_numpy(dtype=float)


def earned(kinds: dict[str, np.ndarray], bid: np.ndarray, worth: Worth) -> np.ndarray:
    """What impressions did earn: ``kinds`` says for each family whether its outcome came (0, 1)."""
    return bid * sum(weight * kinds[name] for name, weight in worth if name in kinds)


def _error(scores: pd.DataFrame) -> np.ndarray:
    return ((scores["high"] - scores["low"]) / (2 * TWO_SIDED_95)).to_numpy(dtype=float)
