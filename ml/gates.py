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
from pathlib import Path

from ml import gate_rules
from ml.family import Gate
from ml.gate_sentences import bound

BUNDLE = ("model.txt", "card.json", "calibration.json")


def decide(
    evaluation: dict,
    model: dict,
    calibration: dict,
    champion: dict | None = None,
    labels: dict | None = None,
    churn: dict | None = None,
    *,
    gates: tuple[Gate, ...],
    family_name: str,
    night: dt.date,
) -> dict:
    """``decision.json`` and, when a model is live after tonight, its ``model.txt`` and cards.

    A model that was not trained is refused for the reason its card gives, and for labels that
    did not arrive. ``labels`` is what ``label_health`` found, for gates on labels, ``churn`` what
    ``ml.segments.movement`` foresaw, for gates on changes of segment.
    """
    judged = evaluation["evaluation.json"] | (labels or {}) | (churn or {})
    standing = champion if champion is not None and "model.txt" in champion else None
    champion_day = standing["live.json"]["live_day"] if standing else None
    answers = [pass_gate(gate, judged, champion_day) for gate in gates]
    if "model.txt" not in model:
        arrived = [one for gate, one in zip(gates, answers, strict=True) if gate.on == "labels"]
        answers = [*arrived, _untrained(model["card.json"]["untrained"])]
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
        "overall": gate_rules.overall,
        "proven": gate_rules.proven,
        "slices": gate_rules.slices,
        "baseline": gate_rules.baseline,
        "champion": gate_rules.champion,
        "champion slices": gate_rules.champion_slices,
        "labels": gate_rules.labels,
        "cold start": gate_rules.cold_start,
        "delivery": gate_rules.delivery,
        "churn": gate_rules.churn,
    }
    passed, observed, sentence = rules[gate.on](gate, judged, champion_day)
    return {
        "gate": gate.name,
        "passed": passed,
        "observed": observed,
        "bound": bound(gate),
        "sentence": sentence,
    }


def _untrained(reason: str) -> dict:
    return {"gate": "there is a model", "passed": False, "observed": None, "bound": "",
            "sentence": f"No model was trained. {reason.rstrip('.')}"}  # fmt: skip
