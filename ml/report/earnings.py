"""The day's money in words, and what other choices would have earned."""

from ml.report.charts import interval_strip
from ml.report.figures import interval
from ml.report.words import count, figure, known, sentence_case, share

SHOWN = ("doubly_robust", "ips", "logged")


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
    """Each policy's estimates with intervals, in words and beside what was really earned.

    Per thousand opportunities. None without an estimate.
    """
    rows = (found or {}).get("policies") or []
    if not found or not rows:
        return None
    ends = [end for row in rows for key in SHOWN for end in (interval(row.get(key)) or ())]
    domain = (min([*ends, 0.0]), max([*ends, 0.0]) or 1.0)
    return {
        "sentences": [said for row in rows if (said := _policy_in_words(row))],
        "rows": [
            {
                "name": sentence_case(str(row.get("name"))),
                "earned": "doubly_robust" not in row,
                "cells": [
                    _estimate(row.get("doubly_robust") or row.get("logged"), domain),
                    _estimate(row.get("ips"), domain),
                    _estimate(row.get("against_logged"), None),
                ],
            }
            for row in rows
        ],
        "basis": _basis(found),
        "notes": found.get("notes") or [],
    }


def _policy_in_words(row: dict) -> str:
    """Whether a policy would surely have earned more or less than what was shown did."""
    at, worth = interval(row.get("against_logged")), interval(row.get("doubly_robust"))
    if at is None or worth is None:
        return ""
    value, low, high = at
    more = f"{figure(1000 * abs(value), 2)} {'more' if value >= 0 else 'less'}"
    sure = "surely" if low > 0 or high < 0 else "which may be chance"
    name = sentence_case(str(row.get("name")))
    return (
        f"{name} would have earned {figure(1000 * worth[0], 2)} per thousand opportunities, "
        f"{more} than what was shown, {sure}."
    )


def _estimate(entry: dict | None, domain: tuple[float, float] | None) -> dict:
    at = interval(entry)
    if at is None:
        return {"value": figure(None, 0), "range": "", "strip": ""}
    value, low, high = at
    said = [figure(1000 * end, 2) for end in at]
    return {
        "value": said[0],
        "range": f"{said[1]} to {said[2]}" if high > low else "",
        "strip": interval_strip(value, low, high, domain, None, 110) if domain else "",
    }


def _basis(found: dict) -> str:
    rows, explored = found.get("rows"), found.get("explored_share")
    said = f"From {count(rows)} logged opportunities" if known(rows) else "From what was logged"
    chance = f", of which {share(explored)} were explored" if known(explored) else ""
    return (
        f"{said}{chance}; per thousand of them, with 95 % intervals. Inverse propensity weighs "
        "what was shown by how likely the other choice was to show it; doubly robust also uses "
        "what the model expects, and is surer."
    )
