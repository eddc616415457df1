"""What a gate says: the figure, what it means, and what is allowed, for people who know no metrics.

A sentence has no full stop, so that several can be joined.
"""

from ml.family import Gate

HIGHER_IS_BETTER = {"auc", "accuracy"}
NAMES = {
    "auc": "AUC",
    "accuracy": "Accuracy",
    "normalized_entropy": "Normalized entropy",
    "calibration_ratio": "Calibration",
    "calibration_error": "Calibration error",
    "log_loss": "Log loss",
}
MEANINGS = {
    "auc": "AUC, where 0.5 is chance and 1 is perfect, is {}",
    "accuracy": "{} of the answers are right",
    "normalized_entropy": "Normalized entropy, where 1 is knowing the base rate alone, is {}",
    "calibration_ratio": "Predictions add up to {} of what happened",
    "calibration_error": "Predictions are off by {} on average",
    "log_loss": "Log loss is {}",
}
PERCENT = {"accuracy", "calibration_ratio"}
POINTS = {"calibration_error"}


def said(metric: str, value: float) -> str:
    """A figure as people say it.

    >>> said("calibration_ratio", 0.801), said("calibration_error", 0.0071)
    ('80 %', '0.71 points')
    """
    if metric in PERCENT:
        return f"{100 * value:.0f} %"
    return f"{100 * value:.2g} points" if metric in POINTS else f"{round(value, 3):g}"


def bound(gate: Gate) -> str:
    """The gate's limits in words.

    >>> bound(Gate("calibrated", "calibration_ratio", 0.9, 1.1))
    '90 % to 110 %'
    """
    low, high = (said(gate.metric, end) if end is not None else "" for end in (gate.low, gate.high))
    if low and high:
        return f"{low} to {high}"
    return f"at least {low}" if low else f"at most {high}" if high else "better"


def against_bound(gate: Gate, figure: dict, passed: bool, inside: bool, place: str = "") -> str:
    """A figure with its interval beside the gate's limits; ``inside`` tells of the figure alone."""
    if figure["value"] is None:
        return f"{NAMES[gate.metric]} could not be measured, and should be {bound(gate)}"
    meaning = MEANINGS[gate.metric].format(said(gate.metric, figure["value"]))
    if place:
        meaning = f"{place}, {meaning[:1].lower()}{meaning[1:]}"
    verdict = "but" if not passed else "and" if inside else "which may be chance, and"
    return f"{meaning}{_interval(gate.metric, figure)}, {verdict} should be {bound(gate)}"


def against_baseline(gate: Gate, value: float, name: str, other: float, passed: bool) -> str:
    """A model's figure beside the best baseline's, and by how much it must be ahead."""
    figure, best = said(gate.metric, value), said(gate.metric, other)
    needed = -gate.high if gate.high is not None else gate.low or 0.0
    should = f"should be better by {needed:g}" if needed > 0 else "should be better"
    if needed < 0:
        should = f"may be worse by {-needed:g}"
    return (
        f"{NAMES[gate.metric]} is {figure}, {_compared(gate.metric, value - other, 3)} than the "
        f"best baseline ({name}: {best}), {'and' if passed else 'but'} {should}"
    )


def against_champion(difference: dict, day: str, allowed: float, passed: bool, place: str) -> str:
    """How much better or worse a challenger is than the champion, and how sure that is."""
    subject = f"{place}, normalized entropy" if place else "Normalized entropy"
    low, high = (_difference(difference.get(end)) for end in ("low", "high"))
    interval = f" (95 % interval: {low} to {high})" if low and high and not place else ""
    limit = f"at most {allowed:g} worse is allowed" if allowed else "nothing worse is allowed"
    compared = _compared("normalized_entropy", difference["value"], 4)
    return (
        f"{subject} is {compared} than the champion's of {day}{interval}, "
        f"{'and' if passed else 'but'} {limit}"
    )


def too_few(rows: int, needed: int) -> str:
    """There is not enough to judge a model by."""
    return f"The model was judged on {rows:,} rows, but at least {needed:,} are needed"


def _interval(metric: str, figure: dict) -> str:
    if figure["low"] is None or figure["high"] is None:
        return ""
    return f" (95 % interval {said(metric, figure['low'])} to {said(metric, figure['high'])})"


def _compared(metric: str, difference: float, digits: int) -> str:
    better = difference > 0 if metric in HIGHER_IS_BETTER else difference < 0
    return f"{abs(difference):.{digits}f} {'better' if better else 'worse'}"


def _difference(value: float | None) -> str:
    return "" if value is None else _compared("normalized_entropy", value, 4)
