"""A night's results in one sentence each, for whoever watches it run; and the figures to keep.

Pure functions of what a stage returned. They belong to no recipe: another wording builds nothing
again.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

Figures = dict[str, str | float]
KEPT = ("normalized_entropy", "auc", "accuracy", "calibration_ratio")


def rows_of(value: Any) -> str:
    """``1,203 rows``, of a frame or of several; nothing of what has no rows.

    >>> rows_of({"a.parquet": pd.DataFrame({"x": [1, 2]}), "note.json": {}})
    '2 rows'
    """
    frames = value.values() if isinstance(value, Mapping) else [value]
    counts = [len(one) for one in frames if isinstance(one, pd.DataFrame)]
    return f"{sum(counts):,} rows" if counts else ""


def share_of_rows(value: Any) -> str:
    """How many rows a shard has, or that it is the ingested file itself."""
    return "the ingested file as it is" if isinstance(value, Path) else rows_of(value)


def examples(rows: pd.DataFrame) -> str:
    """How many labelled rows, and how many of them were answered.

    >>> examples(pd.DataFrame({"label": [0, 1, 0, 0]}))
    '4 examples, 1 of them positive (25.0 %)'
    """
    # A day to score has no labels at all.
    labels = rows["label"].dropna() if "label" in rows else pd.Series(dtype="int64")
    if not len(labels) or labels.max() > 1:
        return f"{len(rows):,} examples"
    positive = int(labels.sum())
    return f"{len(rows):,} examples, {positive:,} of them positive ({positive / len(rows):.1%})" \
        .replace("%)", " %)")


def calibration(found: dict) -> str:
    """How scores became probabilities."""
    fitted = found["calibration.json"]
    how = {"platt": "slope and level", "temperature": "temperature"}.get(fitted["method"])
    if how is None:
        return "; ".join(["scores are left as they are", *fitted.get("notes", [])])
    ratio = fitted.get("calibration_ratio")
    told = f", promised over observed {ratio['before']:.2f} before" if ratio else ""
    return f"{how} from {fitted['rows']:,} rows{told}" if "rows" in fitted else f"{how}{told}"


def evaluation(found: dict) -> str:
    """Normalized entropy, its change against the champion, calibration; on how many rows."""
    model = found["metrics"]["model"]
    entropy = model["normalized_entropy"]["value"]
    if entropy is None:
        return "nothing to judge"
    parts = [f"normalized entropy {entropy:.3f}{_change(found)}"]
    if (ratio := model["calibration_ratio"]["value"]) is not None:
        parts.append(f"calibration {ratio:.2f}")
    return f"{', '.join(parts)}, on {found['rows']:,} rows"


def figures(found: dict) -> Figures:
    """The headline figures of an evaluation, as far as they are known."""
    model = found["metrics"]["model"]
    known = {name: model[name]["value"] for name in KEPT if name in model}
    if found.get("comparison"):
        known["change"] = found["comparison"]["difference"]["value"]
    return {name: round(one, 6) for name, one in known.items()
            if one is not None and math.isfinite(one)}


def decision(found: dict) -> str:
    """The verdict, and what it was refused for or what it passed."""
    if found["verdict"] == "refused":
        return f"refused: {'; '.join(found['reasons'])}"
    return f"blessed: all of {len(found['gates'])} gates passed; live from tonight"


def feature_groups(found: dict) -> str:
    """The group of features that is worth most."""
    groups = found["groups"]
    if not groups:
        return "; ".join(found["notes"]) or "no group of features to leave out"
    best = max(groups, key=lambda one: one["normalized_entropy"]["value"] or 0.0)
    worth = best["normalized_entropy"]["value"] or 0.0
    return f"{len(groups)} groups left out in turn; most is lost without {best['group']} " \
           f"(normalized entropy {worth:+.3f})"


def live(files: Mapping[str, Any]) -> str:
    """Which model is live."""
    day = files["live.json"]["live_day"]
    return f"the model of {day} is live" if day else "no model is live"


def _change(found: dict) -> str:
    comparison = found.get("comparison")
    if not comparison or comparison["difference"]["value"] is None:
        return ""
    difference = comparison["difference"]["value"]
    word = "better" if difference < 0 else "worse"
    return f", {abs(difference):.3f} {word} than the champion of {comparison['champion_day']}"
