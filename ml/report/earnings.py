"""The day's money in words, and what other choices would have earned."""

from ml.report.charts import interval_strip
from ml.report.figures import interval
from ml.report.words import count, figure, known, sentence_case, share

ESTIMATES = (
    ("logged", "What was shown"),
    ("ips", "Inverse propensity"),
    ("doubly_robust", "Doubly robust"),
)


def money(audiences: dict | None) -> dict | None:
    """What the published audiences are expected to earn; None when scores carry no value."""
    told = (audiences or {}).get("money")
    if not told:
        return None
    return {
        "sentences": told.get("sentences") or [],
        "currency": told.get("currency") or "units",
        "rows": [_audience(one) for one in told.get("by_audience") or []],
    }


def _audience(one: dict) -> dict:
    listeners, value = one.get("listeners"), one.get("expected_value")
    per = 1000 * value / listeners if listeners and known(value) else None
    return {
        "name": str(one.get("audience")),
        "listeners": count(listeners),
        "value": figure(value, 2),
        "range": f"{figure(one.get('low'), 2)} to {figure(one.get('high'), 2)}",
        "per_thousand": figure(per, 2),
    }


def policies(found: dict | None) -> dict | None:
    """Each policy's estimates with intervals, and what they rest on; None without an estimate."""
    rows = (found or {}).get("policies") or []
    if not found or not rows:
        return None
    kinds = [kind for kind in ESTIMATES if any(interval(row.get(kind[0])) for row in rows)]
    ends = [end for row in rows for key, _ in kinds for end in (interval(row.get(key)) or ())]
    domain = (min([*ends, 0.0]), max([*ends, 0.0]) or 1.0)
    return {
        "columns": [title for _, title in kinds],
        "rows": [
            {
                "name": sentence_case(str(row.get("name"))),
                "cells": [_estimate(row.get(key), domain) for key, _ in kinds],
            }
            for row in rows
        ],
        "basis": _basis(found),
        "notes": found.get("notes") or [],
    }


def _estimate(entry: dict | None, domain: tuple[float, float]) -> dict:
    at = interval(entry)
    if at is None:
        return {"value": figure(None, 0), "range": "", "strip": ""}
    value, low, high = at
    return {
        "value": figure(value, 4),
        "range": f"{figure(low, 4)} to {figure(high, 4)}" if high > low else "",
        "strip": interval_strip(value, low, high, domain, None, 110),
    }


def _basis(found: dict) -> str:
    rows, explored = found.get("rows"), found.get("explored_share")
    said = f"From {count(rows)} logged opportunities" if known(rows) else "From what was logged"
    chance = f", of which {share(explored)} were explored" if known(explored) else ""
    return f"{said}{chance}. Figures are per opportunity, with 95 % intervals."
