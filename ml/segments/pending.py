"""Temporary stand-ins, until the real membership, names and guard are merged."""

import pandas as pd

from ml.segments.assignment import UNKNOWN


def assign(*, scores: pd.DataFrame, definitions: dict) -> pd.DataFrame:
    segments = definitions["definitions.json"]["segments"]
    ids = {one["name"]: f"s{at}" for at, one in enumerate(segments, 1)} | {UNKNOWN: UNKNOWN}
    rows = scores.sort_values("listener", kind="stable", ignore_index=True)
    segment = rows["segment"].map(ids).astype("str")
    known = segment != UNKNOWN
    return pd.DataFrame({
        "listener": rows["listener"], "segment": segment, "name": rows["segment"].astype("str"),
        "probability": rows["score"].where(known), "best": segment,
        "best_probability": rows["score"],
    })


def names(*, definitions: dict) -> dict:
    segments = definitions["definitions.json"]["segments"]
    return {"names.json": {"segments": [
        {"id": f"s{at}", "name": one["name"], "color": one["color"], "discovered_name": one["name"]}
        for at, one in enumerate(segments, 1)], "overridden": [], "notes": []}}


def guard(*, definitions: dict) -> dict:
    segments = definitions["definitions.json"]["segments"]
    return {"guard.json": {"bound": 2.0, "attributes": [], "notes": [], "segments": [
        {"id": f"s{at}", "name": one["name"], "published": True,
         "sentence": "Not examined.", "worst": None}
        for at, one in enumerate(segments, 1)]}}
