"""What a listener chooses: shares of devices, contexts and genres, the usual one, how varied.

Devices and contexts are counted over all plays, genres over plays for no purpose alone: what
plays to fall asleep by is not taste (:mod:`ml.features.functional`).
"""

from collections.abc import Iterable

import pandas as pd

from ml.features.listening import Totals

TASTE = ("genre", "artist")


def counted(window: Totals, kind: str) -> pd.DataFrame:
    """Listener, value and plays of one kind of choice; genres of plays for no purpose."""
    chosen = window.choices[window.choices["kind"] == kind]
    plays = chosen["taste_plays" if kind in TASTE else "plays"]
    return chosen[["listener", "value"]].assign(plays=plays)[plays > 0]


def choice_shares(window: Totals, kind: str, values: Iterable[str]) -> pd.DataFrame:
    """Share of each listener's known plays of ``kind`` that chose each of ``values``.

    Columns are ``<kind>_share_<value>``; listeners without any known choice are missing.
    """
    return shares_of(counted(window, kind), window.sums.index, kind, values)


def shares_of(
    chosen: pd.DataFrame, listeners: pd.Index, kind: str, values: Iterable[str]
) -> pd.DataFrame:
    """As `choice_shares`, of plays by listener and value."""
    total = chosen.groupby("listener")["plays"].sum().reindex(listeners)
    shares = {
        f"{kind}_share_{value}": chosen[chosen["value"] == value]
        .set_index("listener")["plays"].reindex(listeners).fillna(0.0) / total
        for value in values
    }  # fmt: skip
    return pd.DataFrame(shares, index=listeners).astype(float)


def main_choice(window: Totals, kind: str) -> pd.DataFrame:
    """The most played value of ``kind`` and its share; "unknown" and missing without any.

    Columns are ``main_<kind>`` (str) and ``main_<kind>_share``; a tie goes to the first by name.
    """
    chosen = counted(window, kind)
    total = chosen.groupby("listener")["plays"].sum().reindex(window.sums.index)
    ranked = chosen.sort_values(
        ["listener", "plays", "value"], ascending=[True, False, True], kind="stable"
    )
    top = ranked.drop_duplicates("listener").set_index("listener").reindex(window.sums.index)
    return pd.DataFrame(
        {
            f"main_{kind}": top["value"].fillna("unknown").astype("str"),
            f"main_{kind}_share": (top["plays"] / total).astype(float),
        }
    )


def skip_rates(window: Totals, kind: str, values: Iterable[str]) -> pd.DataFrame:
    """Share of each listener's plays that were skipped, by choice: ``<kind>_skip_rate_<value>``."""
    chosen = window.choices[window.choices["kind"] == kind].set_index("listener")
    rates = {}
    for value in values:
        of = chosen[chosen["value"] == value].reindex(window.sums.index)
        rates[f"{kind}_skip_rate_{value}"] = of["skips"] / of["plays"]
    return pd.DataFrame(rates, index=window.sums.index).astype(float)


def concentration(window: Totals, kind: str) -> pd.Series:
    """Sum of squared shares of a listener's choices of ``kind`` (Herfindahl): 1 when always one."""
    chosen = counted(window, kind)
    grouped = chosen.assign(square=chosen["plays"] ** 2).groupby("listener")
    index = grouped["square"].sum() / grouped["plays"].sum() ** 2
    return index.reindex(window.sums.index).astype(float).rename(f"{kind}_concentration_28d")
