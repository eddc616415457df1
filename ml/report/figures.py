"""The headline figures and the slices: numbers, intervals and the words which explain them."""

# Typographic quotes, dashes and signs are meant.
# ruff: noqa: RUF001

from dataclasses import dataclass
from typing import Any

from ml.report.charts import interval_strip
from ml.report.words import (
    day_in_words,
    figure,
    known,
    sentence_case,
    share,
)


@dataclass(frozen=True)
class Metric:
    """A figure of the evaluation: what it means and which direction is better."""

    key: str
    title: str
    digits: int
    better: str
    meaning: str
    guide: float | None = None


METRICS = (
    Metric(
        "auc",
        "AUC",
        3,
        "higher",
        "How often a random positive is ranked above a random negative; 0.5 is a coin, 1 perfect",
        0.5,
    ),
    Metric(
        "accuracy",
        "Accuracy",
        3,
        "higher",
        "Share of rows whose most likely class was the right one",
    ),
    Metric(
        "normalized_entropy",
        "Normalized entropy",
        4,
        "lower",
        "Log loss relative to always saying the base rate; 1 has learnt nothing, 0 is perfect",
        1.0,
    ),
    Metric(
        "calibration_ratio",
        "Calibration ratio",
        3,
        "closer to 1",
        "Mean prediction ÷ mean outcome; above 1 promises too much, below 1 too little",
        1.0,
    ),
    Metric(
        "calibration_error",
        "Calibration error",
        4,
        "lower",
        "Average distance between what was predicted and what happened, over 20 bins",
        0.0,
    ),
)
ARROWS = {"higher": "↑", "lower": "↓", "closer to 1": "→ 1"}


def interval(entry: Any) -> tuple[float, float, float] | None:
    """Value, low and high; without bounds the value stands for all three; None if unknown."""
    if not isinstance(entry, dict):
        entry = {"value": entry}
    value, low, high = (entry.get(part) for part in ("value", "low", "high"))
    if not known(value):
        return None
    return (value, low, high) if known(low) and known(high) else (value, value, value)


def shown_metrics(rows: list[dict]) -> list[Metric]:
    """The metrics at least one row has."""
    return [m for m in METRICS if any(interval((row or {}).get(m.key)) for row in rows)]


def headline(evaluation: dict) -> dict | None:
    """The table of figures: tonight's model, the champion, the baselines."""
    metrics = evaluation.get("metrics") or {}
    names = sorted(metrics, key=lambda name: _rank(name))
    columns = shown_metrics(list(metrics.values()))
    if not columns:
        return None
    domains = {m.key: _domain([metrics[name] for name in names], m) for m in columns}
    return {
        "columns": [
            {"title": m.title, "arrow": ARROWS[m.better], "better": m.better, "meaning": m.meaning}
            for m in columns
        ],
        "rows": [
            {
                "name": _named(name, evaluation),
                "kind": name if name in ("model", "champion") else "baseline",
                "cells": [
                    cell((metrics[name] or {}).get(m.key), m, domains[m.key]) for m in columns
                ],
            }
            for name in names
        ],
        "comparison": comparison_in_words(evaluation.get("comparison")),
    }


def _rank(name: str) -> tuple[int, str]:
    return {"model": 0, "champion": 1, "base rate": 3}.get(name, 2), name


def _named(name: str, evaluation: dict) -> dict:
    day = (evaluation.get("comparison") or {}).get("champion_day")
    if name == "model":
        return {"title": "Tonight’s model", "detail": ""}
    if name == "champion":
        return {"title": "Champion", "detail": f"of {day_in_words(day)}" if day else ""}
    if name == "base rate":
        if evaluation.get("objective") == "multiclass":
            return {"title": "Base rate", "detail": "always says the classes’ shares"}
        rate = evaluation.get("base_rate")
        return {
            "title": "Base rate",
            "detail": f"always says {share(rate, 2)}" if known(rate) else "",
        }
    return {"title": sentence_case(name), "detail": "baseline"}


def _domain(entries: list[dict], metric: Metric) -> tuple[float, float]:
    found = [at for entry in entries if (at := interval((entry or {}).get(metric.key)))]
    ends = [end for at in found for end in at] + ([] if metric.guide is None else [metric.guide])
    low, high = min(ends), max(ends)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def cell(
    entry: Any, metric: Metric, domain: tuple[float, float], width: int = 84, kind: str = ""
) -> dict:
    at = interval(entry)
    if at is None:
        return {"value": figure(None, 0), "range": "", "strip": ""}
    value, low, high = at
    return {
        "value": figure(value, metric.digits),
        "range": f"{figure(low, metric.digits)}–{figure(high, metric.digits)}"
        if high > low
        else "",
        "strip": interval_strip(value, low, high, domain, metric.guide, width, kind),
    }


def comparison_in_words(comparison: dict | None) -> str:
    """The difference to the champion on the same rows, and whether it is more than chance."""
    at = interval((comparison or {}).get("difference"))
    if not comparison or at is None:
        return "No champion was compared: there was no earlier model for the same rows."
    value, low, high = at
    day = comparison.get("champion_day")
    against = f"the champion of {day_in_words(day)}" if day else "the champion"
    said = "lower, which is better" if value < 0 else "higher, which is worse"
    bounds = f" (95 % interval {figure(low, 4)} to {figure(high, 4)})" if high > low else ""
    sure = "" if high < 0 or low > 0 else " The interval contains zero, so this may be chance."
    distance = f"{figure(abs(value), 4)} {said}" if round(value, 4) else "the same"
    return f"On the same rows as {against}, normalized entropy is {distance}{bounds}.{sure}"
