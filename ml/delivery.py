"""Who would be addressed: each group's share of the best scores beside its share of everybody.

An audience takes the best-scored listeners, and scores differ between groups for honest reasons.
A group that is hardly ever addressed, or hardly anybody else, is a reason to look all the same.
The groups are slices of the test rows, sensitive ones among them: they are looked at, never
learnt from.
"""

import numpy as np
import pandas as pd

from ml.intervals import Resampling, interval
from ml.metrics import number

OF_LISTENERS = ("age_band", "gender", "country")
"""The slices that describe a listener, where a family has them."""

ADDRESSED = 0.1
"""The share of listeners with the best scores that counts as addressed."""


def delivery(judged: pd.DataFrame, predicted: np.ndarray, drawn: Resampling) -> list[dict]:
    """Per slice and value: ``rows`` (listeners), ``eligible_share``, ``share`` and their ``ratio``.

    A listener counts once, with the best prediction of their test rows and the slice values of
    the first; where equal predictions straddle the limit, all of them are addressed. The ratio's
    interval is that of the draws, in which the same listeners are addressed.
    """
    if predicted.ndim > 1 or judged.empty:
        return []
    first = pd.Series(drawn.listener).drop_duplicates()
    order = first.to_numpy().argsort()
    people = judged.iloc[first.index[order]]
    best = np.zeros(len(people))
    np.maximum.at(best, drawn.listener, predicted)
    addressed = best >= np.quantile(best, 1 - ADDRESSED, method="higher")
    return [
        _entry(name, value, (column == value).to_numpy(), addressed, drawn.weights)
        for name in OF_LISTENERS
        if name in people
        for column in [people[name].astype("str").fillna("unknown")]
        for value in sorted(column.unique())
        if column.nunique() > 1
    ]


def _entry(name: str, value: str, member, addressed, weights: np.ndarray) -> dict:
    everybody = np.ones(len(member), dtype=bool)
    # Where nobody is addressed a share has no meaning: it is nan, which JSON gets as null.
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = _shares(np.ones((1, len(member))), member, addressed, everybody)
        drawn = _shares(weights.astype(float), member, addressed, everybody)
        ratio = interval(shares[0][0] / shares[1][0], drawn[0] / drawn[1])
    return {
        "slice": name,
        "value": value,
        "rows": int(member.sum()),
        "eligible_share": number(shares[1][0]),
        "share": number(shares[0][0]),
        "ratio": ratio,
    }


def _shares(weights, member, addressed, everybody) -> tuple[np.ndarray, np.ndarray]:
    """The group's share of the addressed, and of everybody, in each draw."""
    return (
        weights @ (member & addressed) / (weights @ addressed),
        weights @ member / (weights @ everybody),
    )
