"""How soon a newcomer is known: the assignment after few sessions beside the one after 28 days.

The evaluation's test rows are cut views of listeners whose segment is known from the whole window
(``evidence``); its slices say how often each view is right, and whether it is as sure as it may be.
"""

import re

EVIDENCE = "evidence"
SESSIONS = re.compile(r"(\d+) sessions?\Z")
MEASURES = ("accuracy", "calibration_error", "calibration_ratio")


def curve(evaluation: dict) -> dict:
    """``points`` from the least evidence to the most, and ``notes`` on what cannot be told.

    A point has the ``evidence``, its ``rows``, and value, low and high of accuracy, calibration
    error and calibration ratio, from the slices of ``evaluation.json``.

    >>> half = {"value": 0.5, "low": 0.4, "high": 0.6}
    >>> views = [{"slice": "evidence", "value": seen, "rows": 900, "metrics": {"accuracy": half}}
    ...          for seen in ("10 sessions", "28 days", "1 session")]
    >>> [point["evidence"] for point in curve({"slices": views})["points"]]
    ['1 session', '10 sessions', '28 days']
    """
    slices = evaluation.get("slices") or []
    found = [one for one in slices if one["slice"] == EVIDENCE]
    return {
        "points": [_point(one) for one in sorted(found, key=lambda one: _amount(one["value"]))],
        "notes": _notes(found, evaluation),
    }


def _point(entry: dict) -> dict:
    metrics = entry.get("metrics") or {}
    unknown = {"value": None, "low": None, "high": None}
    measured = {name: metrics.get(name) or unknown for name in MEASURES}
    return {"evidence": entry["value"], "rows": entry["rows"], **measured}


def _amount(evidence: str) -> tuple[bool, int, str]:
    """Sessions by their number, then everything longer, the whole window last."""
    sessions = SESSIONS.match(evidence)
    if sessions:
        return False, int(sessions[1]), evidence
    number = re.search(r"\d+", evidence)
    return True, int(number[0]) if number else 0, evidence


def _notes(found: list[dict], evaluation: dict) -> list[str]:
    said = [note for note in evaluation.get("notes") or [] if f"by {EVIDENCE}" in note]
    if said or found:
        return said
    return ["How soon a newcomer is known was not measured: no test row says how much was seen."]
