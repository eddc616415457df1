"""Whom ads may be aimed at: listeners on the free tier who agreed to it."""

import pandas as pd

from ml.features.membership import among


def eligible(
    names: pd.Series, listeners: pd.DataFrame | None, consent: pd.DataFrame | None
) -> pd.Series:
    """Whether each named listener does not pay and has consented to personalised ads (bool).

    Silence is not consent: with a consent table, a listener who is not in it has not consented.
    A listener of unknown tier is kept, for only free listeners are played ads. A source without
    one of the tables (None) has made that choice before us.
    """
    kept = pd.Series(True, index=names.index)
    if listeners is not None:
        kept &= ~among(names, listeners.loc[listeners["tier"] == "paid", "listener"])
    if consent is not None:
        kept &= among(names, consent.loc[consent["personalised_ads"], "listener"])
    return kept
