"""What each segment is like beside everybody, and beside the one nearest to it; its typical day."""

import numpy as np
import pandas as pd

from ml.scaling import DECIMALS, scale
from ml.segments import naming
from ml.segments.frozen import grouping_of
from ml.segments.vocabulary import label

SAID = 6
DIFFERENCES = 4
IN_A_SENTENCE = 3
COLUMNS = ("value", "overall", "lift", "contrast")


def describe(
    definitions: dict,
    identities: list[dict],
    features: pd.DataFrame,
    hours: pd.DataFrame,
    labels: np.ndarray,
) -> dict:
    """The definitions with their segments named and described, and the lift table behind it.

    ``identities`` (id, color, since, and the name of those that keep it) are those of ``labels``
    0, 1, ...; ``hours`` are the plays by hour of the rows of ``features``. To the definitions
    come ``segments``, and ``means`` and ``overall``: each segment's and everybody's mean features
    on the common scale.

    ``profile.parquet`` has a row per segment and feature: segment (id), feature, label (in words),
    value, overall (means), lift (value / overall) and contrast (difference in spreads).
    """
    features = features[list(definitions["scaling"])]
    groups = range(len(identities))
    means, overall = _means(features, definitions["scaling"], labels, len(groups))
    profile = _profile(identities, features, labels, means - overall)
    named = _named(identities, profile)
    segments = [
        {
            **one,
            "listeners": int((labels == group).sum()),
            "share": round(float((labels == group).mean()), 6),
            "distinguishing": _distinguishing(profile[profile["segment"] == one["id"]]),
            "typical_day": _typical_day(hours[labels == group]),
            "nearest": None,
        }
        for group, one in enumerate(named)
    ]
    closest = _closest(definitions)
    for group, other in enumerate(closest):
        difference = means[group] - means[other]
        segments[group]["nearest"] = _contrast(profile, named[group], named[other], difference)
    frozen = {"means": _listed(means), "overall": _listed(overall), "segments": segments}
    return {"definitions.json": {**definitions, **frozen}, "profile.parquet": profile}


def _means(
    features: pd.DataFrame, scaling: dict, labels: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean spreads of each group (groups, columns) and of everybody (columns,), by column."""
    means, overall = np.zeros((count, len(scaling))), np.zeros(len(scaling))
    sizes = np.maximum(np.bincount(labels, minlength=count), 1)
    for column, (name, how) in enumerate(scaling.items()):
        spreads = scale(features[[name]], {name: how})[:, 0]
        overall[column] = spreads.mean()
        if count:
            means[:, column] = np.bincount(labels, weights=spreads, minlength=count) / sizes
    return means, overall


def _profile(
    identities: list[dict], features: pd.DataFrame, labels: np.ndarray, contrasts: np.ndarray
) -> pd.DataFrame:
    frames, overall = [], features.mean()
    for group, one in enumerate(identities):
        value = features[labels == group].mean()
        frame = pd.DataFrame({"value": value, "overall": overall})
        frame["lift"] = frame["value"] / frame["overall"].where(frame["overall"] != 0)
        frame["segment"] = one["id"]
        frames.append(frame.rename_axis("feature").reset_index())
    columns = ["segment", "feature", "label", *COLUMNS]
    if not frames:
        empty = pd.DataFrame({name: [] for name in columns}, dtype="float64")
        return empty.astype(dict.fromkeys(columns[:3], "str"))
    return _scaled_only(pd.concat(frames, ignore_index=True), contrasts)[columns]


def _scaled_only(table: pd.DataFrame, contrasts: np.ndarray) -> pd.DataFrame:
    table["contrast"] = contrasts.ravel()
    table["label"] = [
        label(feature, contrast)
        for feature, contrast in zip(table["feature"], table["contrast"], strict=True)
    ]
    kinds = {**dict.fromkeys(("segment", "feature", "label"), "str")}
    return table.astype({**kinds, **dict.fromkeys(COLUMNS, "float64")}).round(DECIMALS)


def _named(identities: list[dict], profile: pd.DataFrame) -> list[dict]:
    nameless = [one["id"] for one in identities if not one["name"]]
    said = {str(segment): rows for segment, rows in profile.groupby("segment", sort=False)}
    contrasts = [
        dict(zip(said[one]["feature"], said[one]["contrast"], strict=True)) for one in nameless
    ]
    taken = [one["name"] for one in identities if one["name"]]
    found = dict(zip(nameless, naming.names(contrasts, taken), strict=True))
    return [{**one, "name": one["name"] or found[one["id"]]} for one in identities]


def _distinguishing(rows: pd.DataFrame) -> list[dict]:
    loudest = rows.assign(loud=rows["contrast"].abs()).sort_values(
        ["loud", "feature"], ascending=[False, True], kind="stable"
    )
    return [
        {
            "feature": row["feature"],
            "label": row["label"],
            **{name: _number(row[name]) for name in ("value", "overall", "lift")},
        }
        for row in loudest.head(SAID).to_dict("records")
    ]


def _typical_day(hours: pd.DataFrame) -> list[float]:
    """Share of plays by hour, each listener alike; empty when nobody's hours are known."""
    heard = hours[hours.sum(axis=1) > 0]
    if heard.empty:
        return []
    shares = heard.div(heard.sum(axis=1), axis=0).mean()
    return [round(float(share), DECIMALS) for share in shares]


def _closest(definitions: dict) -> list[int]:
    """The nearest other segment of each, by the distance of their centers."""
    grouping = grouping_of(definitions)
    if len(grouping.centers) < 2:
        return []
    apart = ((grouping.centers[:, None] - grouping.centers[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    return [int(at) for at in apart.argmin(axis=1)]


def _contrast(profile: pd.DataFrame, one: dict, other: dict, difference: np.ndarray) -> dict:
    """What ``one`` has more or less of than ``other``, the loudest first, and in a sentence."""
    mine = profile[profile["segment"] == one["id"]].reset_index(drop=True)
    theirs = profile[profile["segment"] == other["id"]].reset_index(drop=True)
    loudest = np.lexsort((mine["feature"], -np.abs(difference.round(DECIMALS))))[:DIFFERENCES]
    differences = [
        {
            "feature": mine.loc[at, "feature"],
            "label": label(str(mine.loc[at, "feature"]), difference[at]),
            "value": _number(mine.loc[at, "value"]),
            "other": _number(theirs.loc[at, "value"]),
        }
        for at in loudest
    ]
    said = naming.sayings(dict(zip(mine["feature"], difference, strict=True)))[:IN_A_SENTENCE]
    sentence = f"Beside “{other['name']}”: {', '.join(said)}." if said else ""
    return {
        "id": other["id"],
        "name": other["name"],
        "differences": differences,
        "sentence": sentence,
    }


def _listed(values: np.ndarray) -> list:
    return (np.round(values, DECIMALS) + 0.0).tolist()


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
