"""What the night's audiences are expected to earn, in words an advertiser's manager would use."""

import pandas as pd

UNIT = "bid units"
VALUES = ["value", "value_low", "value_high"]


def money(members: pd.DataFrame, eligible: pd.DataFrame) -> dict | None:
    """The expected value of the published audiences; None when scores carry no value.

    ``members`` (audience and VALUES) are those published, ``eligible`` (listener,
    VALUES and ``click_rate``) everybody who could be, with all their campaigns. The bounds add up
    the bounds of the members: errors of one model go together, so nothing is averaged away.
    """
    if "value" not in eligible.columns or eligible.empty:
        return None
    sums = members.groupby("audience")[VALUES].agg(["sum", "size"])
    by_audience = [
        {"audience": str(name), "listeners": int(row[("value", "size")]), **_figures(row)}
        for name, row in sums.iterrows()
    ]
    total = {name: float(members[column].sum()) for name, column in _NAMES}
    return {
        "currency": UNIT,
        **{name: round(value, 6) for name, value in total.items()},
        "by_audience": by_audience,
        "sentences": [*_in_all(total, len(members)), *_choice(eligible)],
    }


_NAMES = (("expected_value", "value"), ("low", "value_low"), ("high", "value_high"))


def _figures(row: pd.Series) -> dict[str, float]:
    return {name: round(float(row[(column, "sum")]), 6) for name, column in _NAMES}


def _in_all(total: dict[str, float], members: int) -> list[str]:
    if members == 0:
        return ["No audience was large enough to publish, so nothing is expected to be earned."]
    value, low, high = total["expected_value"], total["low"], total["high"]
    return [
        f"Shown once to each of their {members:,} members, the published audiences are expected "
        f"to earn {value:,.2f} {UNIT} ({low:,.2f} to {high:,.2f}), which is "
        f"{1000 * value / members:,.2f} per thousand impressions."
    ]


def _choice(eligible: pd.DataFrame) -> list[str]:
    """What choosing everybody's campaign by value is worth beside choosing it by response rate."""
    per = eligible.groupby("listener", sort=True)
    best = 1000 * float(eligible.loc[per["value"].idxmax(), "value"].mean())
    likeliest = 1000 * float(eligible.loc[per["click_rate"].idxmax(), "value"].mean())
    if best <= 0:
        return []
    return [
        f"By these estimates, the most valuable campaign for every listener earns {best:,.2f} "
        f"per thousand impressions; the one most likely to be clicked would earn "
        f"{likeliest:,.2f}, {1 - likeliest / best:.0%} less."
    ]
