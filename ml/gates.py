"""May this model go live? Every gate answers with a sentence; a refusal is a result.

The decision carries the bundle that is live after tonight: the challenger's when it is blessed,
else the champion's as it was, so the next night needs nothing but this night's decision.
"""

import datetime as dt
import json
from pathlib import Path

from ml.family import Gate

WORDS = {
    "auc": "AUC",
    "accuracy": "accuracy",
    "normalized_entropy": "normalized entropy",
    "calibration_ratio": "calibration",
    "calibration_error": "calibration error",
    "log_loss": "log loss",
}
HIGHER_IS_BETTER = {"auc", "accuracy"}
BUNDLE = ("model.txt", "card.json", "calibration.json")


def decide(
    evaluation: dict,
    model: dict,
    calibration: dict,
    champion: dict | None = None,
    *,
    gates: tuple[Gate, ...],
    family_name: str,
    night: dt.date,
) -> dict:
    """``decision.json`` and, when a model is live after tonight, its ``model.txt`` and cards."""
    judged = evaluation["evaluation.json"]
    standing = champion if champion is not None and "model.txt" in champion else None
    champion_day = standing["live.json"]["live_day"] if standing else None
    answers = [pass_gate(gate, judged, champion_day) for gate in gates]
    blessed = all(answer["passed"] for answer in answers)
    decision = {
        "family": family_name,
        "day": night.isoformat(),
        "verdict": "blessed" if blessed else "refused",
        "reasons": [a["sentence"] for a in answers if a["passed"] == blessed],
        "gates": answers,
        "champion_day": champion_day,
        "live_day": night.isoformat() if blessed else champion_day,
    }
    live = {**model, **calibration} if blessed else standing or {}
    return {"decision.json": decision, **{name: live[name] for name in BUNDLE if name in live}}


def read_live(decided: Path) -> dict:
    """The model that is live after a decision: its files, and the day it went live.

    Without the decision's own words, so that what uses the model is rebuilt only for another
    model. ``live.json`` alone when nothing is live.
    """
    decision = json.loads((decided / "decision.json").read_text(encoding="utf-8"))
    files: dict = {"live.json": {"live_day": decision["live_day"]}}
    for name in BUNDLE:
        if (decided / name).exists():
            text = (decided / name).read_text(encoding="utf-8")
            files[name] = json.loads(text) if name.endswith(".json") else text
    return files


def pass_gate(gate: Gate, judged: dict, champion_day: str | None) -> dict:
    """One gate's answer: gate, passed, observed figure, bound in words, and a sentence."""
    rules = {
        "overall": _overall,
        "slices": _slices,
        "baseline": _baseline,
        "champion": _champion,
        "champion slices": _champion_slices,
    }
    passed, observed, sentence = rules[gate.on](gate, judged, champion_day)
    return {
        "gate": gate.name,
        "passed": passed,
        "observed": observed,
        "bound": bound(gate),
        "sentence": sentence if passed else f"refused: {sentence}",
    }


def bound(gate: Gate) -> str:
    """The gate's limits in words.

    >>> bound(Gate("calibrated", "calibration_ratio", 0.9, 1.1))
    '0.9 to 1.1'
    """
    if gate.low is not None and gate.high is not None:
        return f"{gate.low:g} to {gate.high:g}"
    if gate.low is not None:
        return f"at least {gate.low:g}"
    return f"at most {gate.high:g}" if gate.high is not None else "better"


def excess(gate: Gate, value: float | None) -> float:
    """How far outside its bounds a figure lies; 0 or less inside, infinite if it has no meaning.

    >>> excess(Gate("calibrated", "calibration_ratio", 0.9, 1.1), 1.0) <= 0
    True
    """
    if value is None:
        return float("inf")
    below = float("-inf") if gate.low is None else gate.low - value
    above = float("-inf") if gate.high is None else value - gate.high
    return max(below, above)


def _overall(gate: Gate, judged: dict, champion_day) -> tuple[bool, float | None, str]:
    value = judged["metrics"]["model"][gate.metric]["value"]
    return excess(gate, value) <= 0, value, _against_bound(gate, value, "")


def _slices(gate: Gate, judged: dict, champion_day) -> tuple[bool, float | None, str]:
    large = [entry for entry in judged["slices"] if entry["rows"] >= gate.minimum_rows]
    if not large:
        return True, None, f"no slice has {gate.minimum_rows:,} rows, so none was judged"
    worst = max(large, key=lambda entry: excess(gate, entry["metrics"][gate.metric]["value"]))
    value = worst["metrics"][gate.metric]["value"]
    place = f" in {worst['slice']} {worst['value']}, the worst of {len(large)} slices,"
    return excess(gate, value) <= 0, value, _against_bound(gate, value, place)


def _baseline(gate: Gate, judged: dict, champion_day) -> tuple[bool, float | None, str]:
    """Difference to the best baseline; without bounds, any improvement will do."""
    word, value = _word(gate), judged["metrics"]["model"][gate.metric]["value"]
    others = {
        name: figures[gate.metric]["value"]
        for name, figures in judged["metrics"].items()
        if name not in ("model", "champion") and figures[gate.metric]["value"] is not None
    }
    if value is None or not others:
        return False, None, f"{word} could not be compared with a baseline: no figure to compare"
    sign = 1 if gate.metric in HIGHER_IS_BETTER else -1
    name = max(others, key=lambda other: sign * others[other])
    difference = value - others[name]
    passed = excess(gate, difference) <= 0 if _bounded(gate) else sign * difference > 0
    relation = "better than" if sign * difference > 0 else "not better than"
    return passed, round(difference, 9), (
        f"{word} {value:.4g} is {relation} {others[name]:.4g} of the baseline {name} "
        f"({difference:+.4f}; allowed: {bound(gate)})"
    )


def _champion(gate: Gate, judged: dict, champion_day) -> tuple[bool, float | None, str]:
    """The upper end of the interval must be within the bound: surely not (much) worse."""
    if (skipped := _incomparable(judged, champion_day)) is not None:
        return skipped
    difference = judged["comparison"]["difference"]
    worst = difference["value"] if difference["high"] is None else difference["high"]
    allowed = gate.high or 0.0
    passed = worst is not None and worst <= allowed
    return passed, worst, (
        f"normalized entropy differs by {_signed(difference['value'])} from the champion of "
        f"{champion_day} (95 % interval {_signed(difference['low'])} to "
        f"{_signed(difference['high'])}; at most {allowed:+g} is allowed)"
    )


def _champion_slices(gate: Gate, judged: dict, champion_day) -> tuple[bool, float | None, str]:
    if (skipped := _incomparable(judged, champion_day)) is not None:
        return skipped
    large = [
        entry
        for entry in judged["comparison"]["slices"]
        if entry["rows"] >= gate.minimum_rows and entry["difference"]["value"] is not None
    ]
    if not large:
        return True, None, f"no slice has {gate.minimum_rows:,} rows, so none was compared"
    worst = max(large, key=lambda entry: entry["difference"]["value"])
    value, allowed = worst["difference"]["value"], gate.high or 0.0
    return value <= allowed, value, (
        f"normalized entropy differs by {_signed(value)} from the champion of {champion_day} in "
        f"{worst['slice']} {worst['value']}, the worst of {len(large)} slices "
        f"(at most {allowed:+g} is allowed)"
    )


def _incomparable(judged: dict, champion_day) -> tuple[bool, None, str] | None:
    if champion_day is None:
        return True, None, "there is no champion yet, so there is nothing to be worse than"
    if judged["comparison"] is None:
        return True, None, f"the champion of {champion_day} has other classes: not comparable"
    return None


def _against_bound(gate: Gate, value: float | None, place: str) -> str:
    if value is None:
        return f"{_word(gate)}{place} could not be measured (allowed: {bound(gate)})"
    relation = "is within" if excess(gate, value) <= 0 else "is outside"
    return f"{_word(gate)} {value:.4g}{place} {relation} the bound ({bound(gate)})"


def _word(gate: Gate) -> str:
    return WORDS.get(gate.metric, gate.metric)


def _bounded(gate: Gate) -> bool:
    return gate.low is not None or gate.high is not None


def _signed(value: float | None) -> str:
    return "unknown" if value is None else f"{value:+.4f}"
