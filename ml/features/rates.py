"""Response rates that say little when little was seen."""

import pandas as pd

Prior = float | pd.Series


def smoothed(
    responses: pd.Series, impressions: pd.Series, prior: Prior, strength: float
) -> pd.Series:
    """The response rate as if ``strength`` more impressions had responded at the rate ``prior``.

    It is the mean of a Beta posterior. A key never seen (missing counts) has the prior's rate:
    the level above speaks for what is new.

    >>> round(float(smoothed(pd.Series([1]), pd.Series([10]), 0.02, 90.0)[0]), 3)
    0.028
    """
    seen, answered = impressions.fillna(0), responses.fillna(0)
    return (answered + strength * prior) / (seen + strength)
