"""What the live model said on a day, and how it turned out once the day's labels were mature.

Each day is counted once and leaves a record of a few kilobytes; what is said later about many
days is made from records.
"""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from ml.examples import columns
from ml.intervals import binary_figures
from ml.metrics import number
from ml.monitoring.estimate import estimated
from ml.monitoring.histograms import buckets
from ml.monitoring.listener_draws import resample_by_hash


def count_scores(
    scores: list[pd.DataFrame], champion: dict | None = None, *, day: dt.date
) -> dict:
    """The distribution of a day's scores, and the performance expected of them.

    ``scores`` come one frame a shard: of impressions (``probability``, with the live
    ``champion``'s bundle) or of listeners (``score`` and ``segment``), which have no labels that
    come late, so nothing is estimated.
    """
    rows = pd.concat(scores, ignore_index=True)
    is_binary = "probability" in rows and "segment" not in rows
    values = rows["probability" if is_binary else "score"].to_numpy(dtype=float)
    places, counts = np.unique(buckets(values), return_counts=True)
    segments = rows["segment"] if not is_binary else pd.Series(dtype="str")
    words = segments.astype("str").value_counts().sort_index()
    calibration = (champion or {}).get("calibration.json")
    return {
        "day": day.isoformat(),
        "rows": len(rows),
        "live_day": (champion or {}).get("live.json", {}).get("live_day"),
        "numbers": [["score", int(one), int(n)] for one, n in zip(places, counts, strict=True)],
        "words": [["segment", str(word), int(n)] for word, n in words.items()],
        "estimated": estimated(values, calibration) if is_binary and len(values) else None,
    }


def judge_day(
    scores: list[Path], examples: list[Path], champion: dict,
    *, day: dt.date,
) -> dict:
    """The figures of the model that was live on ``day`` on its mature labels, with intervals.

    ``scores`` and ``examples`` are files, one a shard, and are joined by
    impression: who was forgotten since is in neither. ``draws`` are the
    weighted sums (rows, positives, promised) of the same listeners' draws on every day.
    """
    said = pd.concat([columns(one, ["impression", "probability"]) for one in scores])
    known = pd.concat([columns(one, ["impression", "listener", "label"]) for one in examples])
    rows = known.dropna(subset="label").merge(said, on="impression", how="inner")
    rows = rows.sort_values("impression", kind="stable", ignore_index=True)
    labels, promised = rows["label"].to_numpy(dtype=float), rows["probability"].to_numpy()
    drawn = resample_by_hash(rows["listener"])
    sums = drawn.totals(np.column_stack([np.ones(len(rows)), labels, promised]))
    return {
        "day": day.isoformat(), "live_day": champion["live.json"]["live_day"], "rows": len(rows),
        "listeners": int(rows["listener"].nunique()), "positives": int(labels.sum()),
        "promised": number(promised.sum()),
        "figures": binary_figures(labels, promised, drawn) if len(rows) else {},
        "estimated": estimated(promised, champion["calibration.json"]) if len(rows) else None,
        "draws": np.round(sums, 6).tolist(),
    }  # fmt: skip


def judge_evaluated(evaluated: dict, *, day: dt.date) -> dict:
    """The same of a family whose labels come with the day: what its evaluation said that night.

    Of the champion, where there was one, else of that night's model.
    """
    evaluation = evaluated["evaluation.json"]
    whose = "champion" if "champion" in evaluation["metrics"] else "model"
    compared = evaluation["comparison"] or {}
    return {
        "day": day.isoformat(),
        "live_day": compared.get("champion_day") if whose == "champion" else day.isoformat(),
        "rows": evaluation["rows"], "listeners": evaluation["listeners"], "positives": None,
        "promised": None, "figures": evaluation["metrics"][whose], "estimated": None, "draws": [],
    }  # fmt: skip
