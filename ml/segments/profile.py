"""What each segment is like beside everybody: its lifts, its typical day, its name."""

import numpy as np
import pandas as pd

from ml import clustering
from ml.segments import naming

COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7f7f7f", "#b8a800")


def describe(
    definitions: dict, features: pd.DataFrame, hours: pd.DataFrame, labels: np.ndarray
) -> dict:
    """The definitions with their segments named, and the lift table they were named from."""
    profile = _profile(definitions, features, labels)
    groups = [rows for _, rows in profile.groupby("segment", sort=True)]
    contrasts = [dict(zip(rows["feature"], rows["contrast"], strict=True)) for rows in groups]
    named = naming.names(contrasts)
    day = hours.div(hours.sum(axis=1), axis=0)
    segments = [
        {
            "id": segment,
            "name": named[segment],
            "color": COLORS[segment],
            "listeners": int((labels == segment).sum()),
            "share": round(float((labels == segment).mean()), 6),
            "distinguishing": _distinguishing(groups[segment]),
            "typical_day": [round(float(share), 6) for share in day[labels == segment].mean()],
        }
        for segment in range(len(groups))
    ]
    return {
        "definitions.json": {**definitions, "segments": segments},
        "profile.parquet": profile,
    }


def _profile(definitions: dict, features: pd.DataFrame, labels: np.ndarray) -> pd.DataFrame:
    """Per segment and feature: its mean, everybody's mean, the lift and the contrast in spreads."""
    scaling, rows = definitions["scaling"], []
    spreads = clustering.scale(features, scaling)
    for segment in range(len(definitions["centers"])):
        members = labels == segment
        contrast = spreads[members].mean(axis=0) - spreads.mean(axis=0)
        for name, difference in zip(scaling, contrast, strict=True):
            value, overall = features.loc[members, name].mean(), features[name].mean()
            lift = value / overall if overall else np.nan
            rows.append((segment, name, value, overall, lift, difference))
    columns = ["segment", "feature", "value", "overall", "lift", "contrast"]
    frame = pd.DataFrame(rows, columns=columns).astype({"segment": "int64", "feature": "str"})
    return frame.astype(dict.fromkeys(columns[2:], "float64")).round(clustering.DECIMALS)


def _distinguishing(rows: pd.DataFrame, count: int = 6) -> list[dict]:
    loudest = rows.assign(loud=rows["contrast"].abs()).sort_values(
        ["loud", "feature"], ascending=[False, True], kind="stable"
    )
    return [
        {
            "feature": row["feature"],
            "label": naming.label(row["feature"], row["contrast"]),
            **{name: _number(row[name]) for name in ("value", "overall", "lift")},
        }
        for row in loudest.head(count).to_dict("records")
    ]


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
