"""May this model go live? Every gate answers with a sentence; a refusal is a result.

The decision carries the bundle that is live after tonight: the challenger's when it is blessed,
else the champion's as it was, so the next night needs nothing but this night's decision.

A gate may ask for certainty (`Gate.certain`): it refuses only when the whole 95 % interval lies
outside the bounds. So calibration is judged: with forty clicks the ratio of a perfect model lies
outside 0.9 to 1.1 every other night, and a coin would decide; with four thousand the interval is
narrow, and the gate is as strict as its bounds. That too little was seen to judge at all is a
matter of ``minimum_rows``, which refuses. Quality is asked for the other way round: a challenger
must surely be no worse than the champion, and in doubt the champion stays.
"""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

from ml.family import Gate
from ml.gate_sentences import (
    HIGHER_IS_BETTER,
    against_baseline,
    against_bound,
    against_champion,
    bound,
    too_few,
)

Answer = tuple[bool, float | None, str]

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
    """``decision.json`` and, when a model is live after tonight, its ``model.txt`` and cards.

    A model that was not trained is refused for the reason its card gives.
    """
    judged = evaluation["evaluation.json"]
    standing = champion if champion is not None and "model.txt" in champion else None
    champion_day = standing["live.json"]["live_day"] if standing else None
    answers = [pass_gate(gate, judged, champion_day) for gate in gates]
    if "model.txt" not in model:
        answers = [_untrained(model["card.json"]["untrained"])]
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
        "sentence": sentence,
    }


def excess(gate: Gate, figure: dict) -> float:
    """How far outside its bounds a figure lies; 0 or less inside, infinite if it has no meaning.

    Of a gate that asks for certainty, the end of the interval that is nearer to the bounds.

    >>> figure = {"value": 1.2, "low": 1.05, "high": 1.4}
    >>> excess(Gate("calibrated", "calibration_ratio", 0.9, 1.1), figure) > 0
    True
    >>> excess(Gate("calibrated", "calibration_ratio", 0.9, 1.1, certain=True), figure) > 0
    False
    """
    if figure["value"] is None:
        return float("inf")
    sure = gate.certain and figure["low"] is not None and figure["high"] is not None
    low, high = (figure["low"], figure["high"]) if sure else (figure["value"], figure["value"])
    below = float("-inf") if gate.low is None else gate.low - high
    above = float("-inf") if gate.high is None else low - gate.high
    return max(below, above)


def _overall(gate: Gate, judged: dict, champion_day) -> Answer:
    figure = judged["metrics"]["model"][gate.metric]
    if judged["rows"] < gate.minimum_rows:
        return False, figure["value"], too_few(judged["rows"], gate.minimum_rows)
    return _within(gate, figure, "")


def _slices(gate: Gate, judged: dict, champion_day) -> Answer:
    large = [
        entry
        for entry in judged["slices"]
        if entry["rows"] >= gate.minimum_rows and entry["metrics"][gate.metric]["value"] is not None
    ]
    if not large:
        return True, None, f"No slice has {gate.minimum_rows:,} rows, so none was judged"
    worst = max(large, key=lambda entry: excess(gate, entry["metrics"][gate.metric]))
    place = f"In {worst['slice']} {worst['value']}, the worst of {len(large)} slices"
    return _within(gate, worst["metrics"][gate.metric], place)


def _within(gate: Gate, figure: dict, place: str) -> Answer:
    passed = excess(gate, figure) <= 0
    inside = excess(replace(gate, certain=False), figure) <= 0
    return passed, figure["value"], against_bound(gate, figure, passed, inside, place)


def _baseline(gate: Gate, judged: dict, champion_day) -> Answer:
    """Difference to the best baseline; without bounds, any improvement will do."""
    value = judged["metrics"]["model"][gate.metric]["value"]
    others = {
        name: figures[gate.metric]["value"]
        for name, figures in judged["metrics"].items()
        if name not in ("model", "champion") and figures[gate.metric]["value"] is not None
    }
    if value is None or not others:
        return False, None, "There is no figure to compare with a baseline"
    sign = 1 if gate.metric in HIGHER_IS_BETTER else -1
    name = max(others, key=lambda other: sign * others[other])
    difference = value - others[name]
    bounded = gate.low is not None or gate.high is not None
    apart = {"value": difference, "low": None, "high": None}
    passed = excess(gate, apart) <= 0 if bounded else sign * difference > 0
    said = against_baseline(gate, value, name, others[name], passed)
    return passed, round(difference, 9), said


def _champion(gate: Gate, judged: dict, champion_day) -> Answer:
    """The upper end of the interval must be within the bound: surely not (much) worse."""
    if (skipped := _incomparable(judged, champion_day)) is not None:
        return skipped
    difference = judged["comparison"]["difference"]
    worst = difference["value"] if difference["high"] is None else difference["high"]
    allowed = gate.high or 0.0
    if worst is None:
        return False, None, f"There is no figure to compare with the champion of {champion_day}"
    passed = worst <= allowed
    return passed, worst, against_champion(difference, champion_day, allowed, passed, "")


def _champion_slices(gate: Gate, judged: dict, champion_day) -> Answer:
    if (skipped := _incomparable(judged, champion_day)) is not None:
        return skipped
    large = [
        entry
        for entry in judged["comparison"]["slices"]
        if entry["rows"] >= gate.minimum_rows and entry["difference"]["value"] is not None
    ]
    if not large:
        return True, None, f"No slice has {gate.minimum_rows:,} rows, so none was compared"
    worst = max(large, key=lambda entry: entry["difference"]["value"])
    value, allowed = worst["difference"]["value"], gate.high or 0.0
    place = f"In {worst['slice']} {worst['value']}, the worst of {len(large)} slices"
    passed = value <= allowed
    said = against_champion(worst["difference"], champion_day, allowed, passed, place)
    return passed, value, said


def _incomparable(judged: dict, champion_day) -> Answer | None:
    if champion_day is None:
        return True, None, "There is no champion yet, so there is nothing to be worse than"
    if judged["comparison"] is None:
        return True, None, f"The champion of {champion_day} has other classes: not comparable"
    return None


def _untrained(reason: str) -> dict:
    return {"gate": "there is a model", "passed": False, "observed": None, "bound": "",
            "sentence": f"No model was trained. {reason.rstrip('.')}"}  # fmt: skip
