"""The groups a model is looked at separately in, beside those that are features themselves."""

import pandas as pd

SENSITIVE = ("age_band", "gender")


def ad_slices(
    rows: pd.DataFrame, features: pd.DataFrame, listeners: pd.DataFrame | None
) -> pd.DataFrame:
    """``<listener, ad, campaign>_newness``, and for fairness ``age_band`` and ``gender``.

    New is what was not seen in 28 days. The sensitive two are for looking at, never for learning
    from; "unknown" where not known.
    """
    found = {
        "listener_newness": _newness(features["is_new_listener"]),
        "ad_newness": _newness(features["is_new_ad"]),
        "campaign_newness": _newness(features["is_new_campaign"]),
    }
    for name in SENSITIVE:
        found[name] = pd.Series("unknown", index=rows.index, dtype="str")
        if listeners is not None:
            known = listeners.drop_duplicates("listener").set_index("listener")[name]
            found[name] = rows["listener"].map(known).astype("str").fillna("unknown")
    return pd.DataFrame(found, index=rows.index)


def _newness(is_new: pd.Series) -> pd.Series:
    return is_new.map({1.0: "new", 0.0: "known"}).astype("str").fillna("unknown")
