"""Is what is live still calibrated? Judged on labels as they mature, night by night.

The bounds are those the family's own gate set for going live. The newest mature day and the last
WEEK of them together are looked at; an alarm needs the whole 95 % interval outside the bounds, so
that a handful of answers raises none.
"""

import datetime as dt
import json
from pathlib import Path

import numpy as np

from ml.family import Gate
from ml.gate_rules import excess
from ml.intervals import interval
from ml.metrics import number
from ml.monitoring.alarms import CALIBRATION, alarm

WEEK = 7
FEW = 30
"""Answers it takes to judge a ratio: with fewer its interval is not to be trusted."""


def follow(
    judged: dict | None = None, recorded: list[Path] | None = None, *, family_name: str,
    night: dt.date, gates: tuple[Gate, ...],
) -> dict:
    """``days`` with their figures, ``week`` (the last ones together), notes and alarms.

    ``judged`` is the day whose labels have just matured, ``recorded`` are the files of days
    before it.
    """
    days = [json.loads(path.read_text("utf-8")) for path in recorded or []]
    days = sorted([*days, *([judged] if judged else [])], key=lambda one: one["day"])
    gate = calibration_gate(gates)
    told = {
        "family": family_name, "day": night.isoformat(),
        "metric": gate.metric if gate else None,
        "bounds": [gate.low, gate.high] if gate else None,
        "days": [_row(one, gate) for one in days],
    }  # fmt: skip
    if gate is None or judged is None:
        reason = ("This family states no bounds for its calibration." if gate is None else
                  "No labels have matured yet of a day on which a model was live.")  # fmt: skip
        return {**told, "week": None, "notes": [reason], "alarms": []}
    week = _together(days[-WEEK:])
    asked = [(judged["day"], judged, _figure(judged, gate)),
             (f"the {len(days[-WEEK:])} days up to {judged['day']}", week, week and week["ratio"])]
    found = [_alarm(family_name, gate, when, figure, _since(days, gate)) for when, one, figure
             in asked if one and _is_enough(one, gate) and _is_outside(gate, figure)]  # fmt: skip
    return {**told, "week": week, "notes": [], "alarms": found[:1]}


def calibration_gate(gates: tuple[Gate, ...]) -> Gate | None:
    """The gate on all test rows that bounds calibration."""
    wanted = ("calibration_ratio", "calibration_error")
    return next((one for one in gates if one.on == "overall" and one.metric in wanted), None)


def _figure(one: dict, gate: Gate) -> dict | None:
    return one["figures"].get(gate.metric)


def _row(one: dict, gate: Gate | None) -> dict:
    kept = {name: one[name] for name in ("day", "live_day", "rows", "positives", "promised")}
    return {**kept, "figure": _figure(one, gate) if gate else None}


def _together(days: list[dict]) -> dict | None:
    """The ratio of several days from their sums; None of days that have none."""
    kept = [one for one in days if one["draws"]]
    if len(kept) < 2:
        return None
    draws = np.sum([one["draws"] for one in kept], axis=0)
    rows, positives, promised = (sum(one[name] for one in kept)
                                 for name in ("rows", "positives", "promised"))  # fmt: skip
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = interval(promised / positives if positives else np.nan, draws[:, 2] / draws[:, 1])
    return {"days": [one["day"] for one in kept], "rows": rows, "positives": positives,
            "promised": number(promised), "ratio": ratio}  # fmt: skip


def _is_enough(one: dict, gate: Gate) -> bool:
    answers = one["positives"]
    return one["rows"] >= gate.minimum_rows and (answers is None or answers >= FEW)


def _is_outside(gate: Gate, figure: dict | None) -> bool:
    """Whether the whole interval lies outside the bounds."""
    if figure is None or None in (figure["value"], figure["low"], figure["high"]):
        return False
    surely = Gate(gate.name, gate.metric, gate.low, gate.high, certain=True)
    return excess(surely, figure) > 0


def _since(days: list[dict], gate: Gate) -> str:
    """The first of the last days in a row whose own figure, sure or not, is outside."""
    since = days[-1]["day"]
    for one in reversed(days):
        figure = _figure(one, gate)
        plain = Gate(gate.name, gate.metric, gate.low, gate.high)
        if figure is None or figure["value"] is None or excess(plain, figure) <= 0:
            break
        since = one["day"]
    return since


def _alarm(family_name: str, gate: Gate, when: str, figure: dict | None, since: str) -> dict:
    value, low, high = ((figure or {})[name] for name in ("value", "low", "high"))
    bounds = " to ".join(f"{one:g}" for one in (gate.low, gate.high) if one is not None)
    if gate.metric == "calibration_ratio":
        much = (f"promised {value:.2f} times the answers that came" if value > 1 else
                f"promised only {value:.2f} of the answers that came")  # fmt: skip
    else:
        much = f"was off by {value:.3f} on average"
    return alarm(
        CALIBRATION, f"{family_name} calibration",
        f"What was live of {family_name} {much} on {when} (95 % interval {low:.2f} to {high:.2f}, "
        f"allowed {bounds}), since {since}. Its probabilities, values and bids are off by as much: "
        "look at drift and at the answers that arrive; the next blessed model puts it right, a "
        "rollback does it now.",
    )  # fmt: skip
