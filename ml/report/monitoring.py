"""The page of a night's monitoring: what is wrong first, then each family, then the data."""

# Typographic quotes, dashes and signs are meant.
# ruff: noqa: RUF001

import datetime as dt

from ml.report.charts import interval_strip
from ml.report.monitoring_template import MONITORING
from ml.report.night_chart import night_chart
from ml.report.style import STYLE
from ml.report.words import (
    count,
    day_in_words,
    feature_in_words,
    figure,
    known,
    night_in_words,
    plural,
    share,
)

MOST = 10
SCALE = 2.0
"""Where the strip of an index ends, in parts of its limit."""
NAMES = {"auc": "AUC", "normalized_entropy": "Normalized entropy", "log_loss": "Log loss",
         "rate": "Rate of answers"}  # fmt: skip
METRICS = {"calibration_ratio": "Promised over observed", "calibration_error": "Mean error"}


def write(
    tables: dict, families: dict[str, dict] | None = None, *, day: dt.date,
    titles: tuple[tuple[str, str], ...],
) -> str:
    """The page's HTML. ``families`` holds what was measured, as ``<family> <stage>``; a family of
    ``titles`` (name, title) that is not in it has nothing live."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    measured = families or {}
    alarms = [alarm for one in [*measured.values(), tables] for alarm in one["alarms"]]
    return environment.from_string(MONITORING).render(
        style=STYLE, night=day_in_words(day), night_long=night_in_words(day), alarms=alarms,
        headline="Nothing is unusual." if not alarms else f"{plural(len(alarms), 'alarm')}.",
        families=[_family(name, title, measured) for name, title in titles],
        tables=[_table(one) for one in tables["tables"]], table_notes=tables["notes"],
    )  # fmt: skip


def _family(name: str, title: str, measured: dict[str, dict]) -> dict:
    told = {"name": name, "title": title}
    if f"{name} drift" not in measured:
        return {**told, "live": None}
    stages = ("drift", "calibration", "performance", "champion")
    drift, calibration, performance, champion = (measured[f"{name} {one}"] for one in stages)
    alarms = sum(len(measured[f"{name} {one}"]["alarms"]) for one in stages)
    return {
        **told, "alarms": plural(alarms, "alarm") if alarms else "",
        "live": f"The model of {day_in_words(champion['live_day'])} is live, "
                f"{plural(champion['age_days'], 'day')} old; its shelf life is "
                f"{plural(champion['shelf_life_days'], 'day')}.",
        "is_stale": bool(champion["alarms"]),
        "drift": _drift(drift), "calibration": _calibration(calibration),
        "performance": _performance(performance),
    }  # fmt: skip


def _drift(found: dict) -> dict:
    rows = [*found["scores"], *found["features"][:MOST]]
    moved = [one for one in found["features"] if one["since"]]
    features = found["features"]
    sentence = ""
    if features:
        sentence = (
            f"Of {plural(len(features), 'feature')}, {len(moved) or 'none'} moved further than "
            f"is usual among the {len(found['reference_days'])} days before.")  # fmt: skip
    rest = len(features) - MOST
    return {
        "sentence": sentence, "rows": [_moved(one) for one in rows], "notes": found["notes"],
        "rest": f"The other {plural(rest, 'feature')} moved less." if rest > 0 else "",
    }  # fmt: skip


def _moved(one: dict) -> dict:
    index, limit = one["index"] or 0.0, one["limit"]
    part = index / limit if limit else 0.0
    then, now = one["missing"]
    return {
        "name": {"score": "Scores", "segment": "Segments given"}.get(
            one["feature"], feature_in_words(one["feature"])),
        "code": one["feature"], "index": figure(index, 3), "limit": figure(limit, 3),
        "verdict": one["verdict"], "since": one["since"] or "",
        "missing": f"{share(then)} → {share(now)}" if abs(now - then) > 0.001 else "",
        "strip": interval_strip(min(part, SCALE), 0.0, min(part, SCALE), (0.0, SCALE), 1.0, 110),
    }  # fmt: skip


def _calibration(found: dict) -> dict:
    days = [{"day": one["day"], **(one["figure"] or {"value": None, "low": None, "high": None})}
            for one in found["days"]]  # fmt: skip
    what = METRICS.get(found["metric"] or "", "Calibration")
    week = (found["week"] or {}).get("ratio")
    return {
        "notes": found["notes"], "what": what,
        "chart": night_chart(days, f"{what}, night by night", tuple(found["bounds"] or ())),
        "week": f"The last {len(found['week']['days'])} mature days together: {_ranged(week, 2)}."
                if week else "",
        "caption": "Each dot is a day whose labels are mature, with the 95 % interval of the model "
                   "that was live on it. Dashed: the bounds a model must keep to go live.",
        "rows": [{"day": one["day"], "live": one["live_day"], "rows": count(one["rows"]),
                  "positives": count(one["positives"]), "figure": _ranged(one["figure"], 2)}
                 for one in reversed(found["days"])],
    }  # fmt: skip


def _performance(found: dict) -> dict:
    points = []
    for one in found["days"]:
        told, real = one["estimated"] or {}, one["realised"] or {}
        expected = told.get("normalized_entropy") or {"value": None, "low": None, "high": None}
        came = real.get("normalized_entropy") or {}
        points.append({"day": one["day"], **expected, "expected": came.get("value")})
    covered = found["covered"]
    return {
        "notes": found["notes"],
        "chart": night_chart(points, "Estimated normalized entropy, night by night"),
        "covered": f"Of {plural(covered['days'], 'day')} with mature labels, the realised figure "
                   f"lay within the estimate’s interval on {covered['inside']}." if covered else "",
        "rows": [_estimate(one) for one in reversed(found["days"])],
    }  # fmt: skip


def _estimate(one: dict) -> dict:
    told, real = one["estimated"] or {}, one["realised"] or {}
    return {"day": one["day"], "cells": [
        {"estimated": _ranged(told.get(name), 3), "realised": _ranged(real.get(name), 3)}
        for name in ("normalized_entropy", "auc", "rate")]}  # fmt: skip


def _ranged(at: dict | None, digits: int) -> str:
    if at is None or not known(at["value"]):
        return "–"
    if not known(at["low"]) or not known(at["high"]):
        return figure(at["value"], digits)
    ends = f"{figure(at['low'], digits)} to {figure(at['high'], digits)}"
    return f"{figure(at['value'], digits)} ({ends})"


def _table(one: dict) -> dict:
    usual = "not known yet" if one["low"] is None else \
        f"{count(one['low'])} to {count(one['high'])}"  # fmt: skip
    outside = one["low"] is not None and one["rows"] is not None and not (
        one["low"] <= one["rows"] <= one["high"])  # fmt: skip
    days = [{"day": day, "value": rows, "low": None, "high": None} for day, rows in one["days"]]
    if one["rows"] is not None:
        days.append({"day": "     now", "value": one["rows"], "low": one["low"],
                     "high": one["high"]})  # fmt: skip
    return {
        "name": one["table"], "rows": count(one["rows"]), "usual": usual,
        "is_wrong": outside or not one["rows"] or one["too_much_quarantine"],
        "quarantined": count(one["quarantined"]), "newest": one["newest"] or "none",
        "chart": night_chart(days, f"Rows of {one['table']} by day", digits=0),
    }  # fmt: skip
