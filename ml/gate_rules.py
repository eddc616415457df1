"""The rules behind the gates: each looks at one part of an evaluation and answers.

An answer is whether the gate is passed, the figure that decided, and a sentence.
"""

from dataclasses import replace

from ml.family import Gate
from ml.gate_sentences import (
    HIGHER_IS_BETTER,
    against_baseline,
    against_bound,
    against_champion,
    arrived,
    beside_known,
    delivered,
    not_arrived,
    too_few,
    would_move,
)

Answer = tuple[bool, float | None, str]

SAME_DEFINITIONS, NEW_DEFINITIONS = "same definitions", "new definitions"
"""What a gate on churn may look at: nights between two discoveries, and the night of one."""


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


def overall(gate: Gate, judged: dict, champion_day) -> Answer:
    """All test rows, of which there must be enough."""
    figure = judged["metrics"]["model"][gate.metric]
    if judged["rows"] < gate.minimum_rows:
        return False, figure["value"], too_few(judged["rows"], gate.minimum_rows)
    return _within(gate, figure, "")


def proven(gate: Gate, judged: dict, champion_day) -> Answer:
    """All test rows; the whole interval must lie inside the bounds."""
    figure = judged["metrics"]["model"][gate.metric]
    ends = (figure["low"], figure["high"])
    passed = None not in ends and all(
        excess(gate, {"value": end, "low": None, "high": None}) <= 0 for end in ends
    )
    return passed, figure["value"], against_bound(gate, figure, passed, passed)


def slices(gate: Gate, judged: dict, champion_day) -> Answer:
    """The worst of the slices that are large enough."""
    large = [
        entry
        for entry in _of(gate, judged["slices"])
        if entry["metrics"][gate.metric]["value"] is not None
    ]
    if not large:
        return True, None, f"No slice has {gate.minimum_rows:,} rows, so none was judged"
    worst = max(large, key=lambda entry: excess(gate, entry["metrics"][gate.metric]))
    return _within(gate, worst["metrics"][gate.metric], _place(worst, large))


def cold_start(gate: Gate, judged: dict, champion_day) -> Answer:
    """New ads and listeners beside known ones: how much higher the figure of the new is."""
    pairs = _pairs(gate, _of(gate, judged["slices"]))
    if not pairs:
        return True, None, f"Not {gate.minimum_rows:,} rows are new, so none was judged"
    worst = max(pairs, key=lambda pair: _behind(gate, *pair))
    new, known = (entry["metrics"][gate.metric]["value"] for entry in worst)
    passed = _behind(gate, *worst) <= (gate.high or 0.0)
    return passed, round(new - known, 9), beside_known(gate, worst[0], new, known, passed)


def delivery(gate: Gate, judged: dict, champion_day) -> Answer:
    """The group that gets the best scores least (or most) in proportion to its size."""
    large = _of(gate, judged["delivery"])
    if not large:
        return True, None, f"No group has {gate.minimum_rows:,} listeners, so none was judged"
    worst = max(large, key=lambda entry: excess(gate, entry["ratio"]))
    inside = excess(replace(gate, certain=False), worst["ratio"]) <= 0
    passed = excess(gate, worst["ratio"]) <= 0
    return passed, worst["ratio"]["value"], delivered(gate, worst, len(large), passed, inside)


def _of(gate: Gate, entries: list[dict]) -> list[dict]:
    """The entries a gate looks at: of its slices, and large enough."""
    return [
        entry
        for entry in entries
        if entry["rows"] >= gate.minimum_rows and (not gate.of or entry["slice"] in gate.of)
    ]


def _place(worst: dict, large: list[dict]) -> str:
    return f"In {worst['slice']} {worst['value']}, the worst of {len(large)} slices"


def _pairs(gate: Gate, entries: list[dict]) -> list[tuple[dict, dict]]:
    """The new and the known of each slice that has both."""
    found = {
        (entry["slice"], entry["value"]): entry
        for entry in entries
        if entry["metrics"][gate.metric]["value"] is not None
    }
    names = sorted({name for name, value in found if value == "new"})
    return [(found[n, "new"], found[n, "known"]) for n in names if (n, "known") in found]


def _behind(gate: Gate, new: dict, known: dict) -> float:
    """By how much the new are behind; of a gate that asks for certainty, at least."""
    fresh, settled = new["metrics"][gate.metric], known["metrics"][gate.metric]
    if gate.certain and fresh["low"] is not None and settled["high"] is not None:
        return fresh["low"] - settled["high"]
    return fresh["value"] - settled["value"]


def _within(gate: Gate, figure: dict, place: str) -> Answer:
    passed = excess(gate, figure) <= 0
    inside = excess(replace(gate, certain=False), figure) <= 0
    return passed, figure["value"], against_bound(gate, figure, passed, inside, place)


def baseline(gate: Gate, judged: dict, champion_day) -> Answer:
    """Difference to the best baseline; without bounds, any improvement will do.

    Of a gate that asks for certainty the interval of the difference counts, on the same rows and
    draws of listeners.
    """
    value = judged["metrics"]["model"][gate.metric]["value"]
    others = {
        name: figures[gate.metric]["value"]
        for name, figures in judged["metrics"].items()
        if name not in ("model", "champion")
        and figures[gate.metric]["value"] is not None
        and (not gate.of or name in gate.of)
    }
    if value is None or not others:
        return False, None, "There is no figure to compare with a baseline"
    sign = 1 if gate.metric in HIGHER_IS_BETTER else -1
    name = max(others, key=lambda other: sign * others[other])
    difference = value - others[name]
    bounded = gate.low is not None or gate.high is not None
    apart = {"value": difference, "low": None, "high": None}
    if gate.certain:
        apart = judged["beside"][name]
    passed = excess(gate, apart) <= 0 if bounded else sign * difference > 0
    said = against_baseline(gate, value, name, others[name], passed)
    return passed, round(difference, 9), said


def champion(gate: Gate, judged: dict, champion_day) -> Answer:
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


def champion_slices(gate: Gate, judged: dict, champion_day) -> Answer:
    """The slice in which the challenger is furthest behind the champion."""
    if (skipped := _incomparable(judged, champion_day)) is not None:
        return skipped
    large = [
        entry
        for entry in _of(gate, judged["comparison"]["slices"])
        if entry["difference"]["value"] is not None
    ]
    if not large:
        return True, None, f"No slice has {gate.minimum_rows:,} rows, so none was compared"
    worst = max(large, key=lambda entry: _regression(gate, entry["difference"]))
    allowed = gate.high or 0.0
    passed = _regression(gate, worst["difference"]) <= allowed
    chance = passed and worst["difference"]["value"] > allowed
    said = against_champion(
        worst["difference"], champion_day, allowed, passed, _place(worst, large), chance
    )
    return passed, worst["difference"]["value"], said


def _regression(gate: Gate, difference: dict) -> float:
    """How much worse than the champion; of a gate that asks for certainty, at least."""
    low = difference.get("low")
    return low if gate.certain and low is not None else difference["value"]


def labels(gate: Gate, judged: dict, champion_day) -> Answer:
    """Whether answers arrived as on earlier days; what is least likely is told."""
    found = judged["labels.json"]
    if not found["findings"]:
        return True, 0.0, arrived(found["tested"], found["false_alarm"])
    return False, float(len(found["findings"])), not_arrived(found["findings"])


def churn(gate: Gate, judged: dict, champion_day) -> Answer:
    """How many listeners would change segment; with ``of``, only where that is what happened."""
    found = judged["churn.json"]["churn"]
    kind = NEW_DEFINITIONS if judged["churn.json"]["redefined"] else SAME_DEFINITIONS
    if found is None or found["compared"] < gate.minimum_rows:
        few = f"Not {gate.minimum_rows:,} listeners" if found else "No listener"
        return True, None, f"{few} had a segment the night before, so no change was judged"
    if gate.of and kind not in gate.of:
        return True, None, f"Not judged: tonight has the {kind}"
    figure = {"value": found["share"], "low": found["low"], "high": found["high"]}
    passed = excess(gate, figure) <= 0
    inside = excess(replace(gate, certain=False), figure) <= 0
    return passed, found["share"], would_move(gate, found, passed, inside)


def _incomparable(judged: dict, champion_day) -> Answer | None:
    if champion_day is None:
        return True, None, "There is no champion yet, so there is nothing to be worse than"
    if judged["comparison"] is None:
        return True, None, f"The champion of {champion_day} has other classes: not comparable"
    return None
