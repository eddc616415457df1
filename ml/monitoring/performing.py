"""Estimated performance of a night, beside that of the nights before and what came of them."""

import datetime as dt
import json
from pathlib import Path

import numpy as np

from ml.monitoring.alarms import PERFORMANCE, alarm

FALSE_ALARM = 0.01
FEWEST_DAYS = 7
MATTERS = 0.02
"""How much worse a figure must be to be worth an alarm, whatever is usual."""

WATCHED = (("auc", -1), ("normalized_entropy", 1))
"""Figures, and the direction in which each is worse."""

WORDS = {"auc": "AUC", "normalized_entropy": "normalized entropy"}


def performance(
    scores: dict, recorded: list[Path] | None = None, judged: dict | None = None,
    matured: list[Path] | None = None, *, family_name: str, night: dt.date,
) -> dict:
    """``days`` with what was estimated and what came, notes and alarms.

    ``scores`` is tonight's record (``judging.count_scores``), ``recorded`` are those of nights
    before. ``judged`` and ``matured`` are the same of days with mature labels.
    """
    if scores["estimated"] is None:
        why = ("Nothing was scored tonight." if not scores["rows"] else
               "Labels of this family do not come late: how good it is, its report says.")
        return {"family": family_name, "day": night.isoformat(), "days": [], "covered": None,
                "notes": [why], "alarms": []}  # fmt: skip
    before = _by_day(recorded, None)
    came = _by_day(matured, judged)
    every = {**before, scores["day"]: scores}
    days = [_row(day, every.get(day), came.get(day)) for day in sorted({*every, *came})]
    past = [before[day]["estimated"] for day in sorted(before) if before[day]["estimated"]]
    worse = [found for figure, sign in WATCHED
             if (found := _worse(figure, sign, scores["estimated"], past))]  # fmt: skip
    alarms = [_dropped(family_name, night, worse[0])] if worse else []
    if judged and (missed := _missed(judged)):
        alarms.append(_disappointed(family_name, judged, missed))
    notes = [] if len(past) >= FEWEST_DAYS else [
        f"What is usual is not known yet: it takes {FEWEST_DAYS} nights, and there are {len(past)}."
    ]  # fmt: skip
    return {"family": family_name, "day": night.isoformat(), "days": days,
            "covered": _covered(days), "notes": notes, "alarms": alarms}  # fmt: skip


def _by_day(files: list[Path] | None, newest: dict | None) -> dict[str, dict]:
    read = [json.loads(path.read_text("utf-8")) for path in files or []]
    return {one["day"]: one for one in [*read, *([newest] if newest else [])]}


def _row(day: str, estimated: dict | None, came: dict | None) -> dict:
    """Where labels have come, the estimate is that of the same rows."""
    told = (came or {}).get("estimated") or (estimated or {}).get("estimated")
    figures = (came or {}).get("figures") or {}
    real = {name: figures.get(name) for name in ("auc", "normalized_entropy", "log_loss")}
    if came and came["rows"]:
        real["rate"] = {"value": came["positives"] / came["rows"], "low": None, "high": None}
    return {"day": day, "estimated": told, "realised": real if figures else None}


def _covered(days: list[dict]) -> dict | None:
    """Of how many days the realised normalized entropy lay in the estimate's interval."""
    both = [(one["estimated"]["normalized_entropy"], one["realised"]["normalized_entropy"])
            for one in days if one["estimated"] and one["realised"]]  # fmt: skip
    known = [(told, real) for told, real in both
             if None not in (told["low"], real["value"])]  # fmt: skip
    inside = sum(told["low"] <= real["value"] <= told["high"] for told, real in known)
    return {"days": len(known), "inside": inside} if known else None


def _worse(figure: str, sign: int, tonight: dict, past: list[dict]) -> dict | None:
    """Whether a figure is surely worse than on earlier nights: a one-sided prediction interval."""
    from scipy.special import stdtrit

    values = np.array([one[figure]["value"] for one in past if one[figure]["value"] is not None])
    now = tonight[figure]["value"]
    if len(values) < FEWEST_DAYS or now is None:
        return None
    reach = float(stdtrit(len(values) - 1, 1 - FALSE_ALARM / len(WATCHED)))
    spread = float(values.std(ddof=1)) * np.sqrt(1 + 1 / len(values))
    limit = float(values.mean()) + sign * max(reach * spread, MATTERS)
    if sign * (now - limit) <= 0:
        return None
    return {"figure": figure, "now": now, "usual": float(values.mean()), "limit": limit}


def _dropped(family_name: str, night: dt.date, found: dict) -> dict:
    return alarm(
        PERFORMANCE, f"{family_name} estimated {WORDS[found['figure']]}",
        f"By its own probabilities the live model of {family_name} is expected to do worse than "
        f"usual on {night}: {WORDS[found['figure']]} {found['now']:.3f}, where "
        f"{found['usual']:.3f} is usual and {found['limit']:.3f} the limit. Its labels are not "
        "there yet: look at the features that drifted, and at which listeners and adverts are new.",
    )  # fmt: skip


def _missed(judged: dict) -> str | None:
    """The figure that surely turned out worse than estimated: intervals that do not touch."""
    told, real = judged["estimated"] or {}, judged["figures"]
    for figure, sign in WATCHED:
        one, other = told.get(figure), real.get(figure)
        if not one or not other or None in (one["low"], other["low"]):
            continue
        if (other["low"] > one["high"]) if sign > 0 else (other["high"] < one["low"]):
            return figure
    return None


def _disappointed(family_name: str, judged: dict, figure: str) -> dict:
    told, real = judged["estimated"][figure], judged["figures"][figure]
    return alarm(
        PERFORMANCE, f"{family_name} realised {WORDS[figure]}",
        f"On {judged['day']} the live model of {family_name} turned out worse than its "
        f"probabilities promised: {WORDS[figure]} {real['value']:.3f} (95 % interval "
        f"{real['low']:.3f} to {real['high']:.3f}), where {told['value']:.3f} was estimated "
        f"({told['low']:.3f} to {told['high']:.3f}). Listeners answer otherwise than they did "
        "when it was trained, or answers are missing: look at calibration and at the labels.",
    )  # fmt: skip
