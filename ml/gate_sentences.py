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
    if gate.on == "labels":
        return "as on earlier days"
    if gate.on == "cold start":
        return f"at most {gate.high or 0.0:g} above what is known"
    if gate.on == "delivery":
        return f"{gate.low:g} to {gate.high:g}"
    if gate.on == "churn":
        return f"at most {100 * (gate.high or 0.0):g} %"
    low, high = (said(gate.metric, end) if end is not None else "" for end in (gate.low, gate.high))
    surely = "surely " if gate.on == "proven" else ""
    if low and high:
        return f"{surely}{low} to {high}"
    return surely + (f"at least {low}" if low else f"at most {high}") if low or high else "better"


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
    if gate.certain:
        beyond = f" by more than {gate.high:g}" if gate.high else ""
        should = f"must not surely be worse{beyond}"
    return (
        f"{NAMES[gate.metric]} is {figure}, {_compared(gate.metric, value - other, 3)} than the "
        f"best baseline ({name}: {best}), {'and' if passed else 'but'} {should}"
    )


def against_champion(
    difference: dict, day: str, allowed: float, passed: bool, place: str, chance: bool = False
) -> str:
    """How much better or worse a challenger is than the champion, and how sure that is."""
    subject = f"{place}, normalized entropy" if place else "Normalized entropy"
    low, high = (_difference(difference.get(end)) for end in ("low", "high"))
    interval = f" (95 % interval: {low} to {high})" if low and high else ""
    limit = f"at most {allowed:g} worse is allowed" if allowed else "nothing worse is allowed"
    compared = _compared("normalized_entropy", difference["value"], 4)
    return (
        f"{subject} is {compared} than the champion's of {day}{interval}, "
        f"{'which may be chance, and' if chance else 'and' if passed else 'but'} {limit}"
    )


def beside_known(gate: Gate, entry: dict, new: float, known: float, passed: bool) -> str:
    """The figure of what is new beside that of what is known."""
    subject = entry["slice"].removesuffix("_newness")
    return (
        f"{NAMES[gate.metric]} is {said(gate.metric, new)} for a new {subject} and "
        f"{said(gate.metric, known)} for a known one, {'and' if passed else 'but'} the new may be "
        f"at most {gate.high or 0.0:g} above"
    )


def delivered(gate: Gate, entry: dict, groups: int, passed: bool, inside: bool) -> str:
    """A group's share of the best scores beside its share of the listeners."""
    verdict = "but" if not passed else "and" if inside else "which may be chance, and"
    low, high = entry["ratio"]["low"], entry["ratio"]["high"]
    interval = "" if low is None else f" (95 % interval {low:.2f} to {high:.2f})"
    return (
        f"{entry['slice']} {entry['value']}, the worst served of {groups} groups, are "
        f"{100 * entry['eligible_share']:.0f} % of the listeners and {100 * entry['share']:.0f} % "
        f"of those with the best scores, a ratio of {entry['ratio']['value']:.2f}{interval}, "
        f"{verdict} it should be {gate.low:g} to {gate.high:g}"
    )


def arrived(tested: int, false_alarm: float) -> str:
    """Nothing is wrong with the labels."""
    return (
        f"Answers arrived as on earlier days: {tested:,} counts were tested, with a chance of "
        f"{false_alarm:g} of a false alarm over all of them"
    )


def not_arrived(findings: list[dict]) -> str:
    """What is wrong with the labels, the least likely count first, and what to do."""
    first, others = findings[0], len(findings) - 1
    more = f". So {'is' if others == 1 else 'are'} {others:,} more" if others else ""
    return f"{_missed(first)}{more}. {_advice(first)}"


def _missed(found: dict) -> str:
    place = f"On {found['day']}"
    if found["since"] != found["day"]:
        place = f"From {found['since']} to {found['day']}"
    place += f" {found['slice']} {found['value']}," if found["slice"] else ""
    if found["labels"] is None:
        return (
            f"{place} {found['rows']:,} impressions have no label at all, which does not mean "
            "that nobody answered"
        )
    count = {0: "none", found["rows"]: "every one"}.get(found["labels"], f"{found['labels']:,}")
    return (
        f"{place} {count} of {found['rows']:,} impressions was answered, where about "
        f"{found['expected']:,.0f} were expected from the days before; even with odds "
        f"{found['room']:g} times {'lower' if found['labels'] < found['expected'] else 'higher'} "
        f"the chance of that is {_odds(found['chance'])}"
    )


def _odds(chance: float) -> str:
    """A small chance in words.

    >>> _odds(1 / 40_000), _odds(1e-30)
    ('1 in 40,000', 'below 1 in 1,000,000,000')
    """
    return f"1 in {1 / chance:,.0f}" if chance > 1e-9 else "below 1 in 1,000,000,000"


def _advice(found: dict) -> str:
    if found["labels"] is None:
        return "Have the labels sent and run the night again; until then the day can be scored"
    what = f"the pixel of {found['slice']} {found['value']}" if found["slice"] else "the feed"
    seem = "lost" if found["labels"] < found["expected"] else "made up"
    return (
        f"Look at {what}, where outcomes seem {seem}; have that day's outcomes sent again and run "
        "the night again"
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


def would_move(gate: Gate, found: dict, passed: bool, inside: bool) -> str:
    """How many listeners would change segment, beside how many may."""
    verdict = "but" if not passed else "and" if inside else "which may be chance, and"
    return (
        f"{found['changed']:,} of {found['compared']:,} listeners ({100 * found['share']:.1f} %) "
        f"would change segment overnight, {verdict} should be {bound(gate)}"
    )
