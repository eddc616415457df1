"""Where a model holds and where it does not: calibration and quality by slice."""

from ml.report.figures import ARROWS, METRICS, Metric, cell, interval, shown_metrics
from ml.report.words import count, figure, known, plural, sentence_case, share

MOST_VALUES = 12


def slices(evaluation: dict) -> dict | None:
    """The slices grouped by what they slice, the worst calibrated marked."""
    entries = evaluation.get("slices") or []
    if not entries:
        return None
    against = {
        (entry["slice"], entry["value"]): entry["difference"]
        for entry in (evaluation.get("comparison") or {}).get("slices") or []
    }
    worst = worst_calibrated(entries)
    ratio = next(metric for metric in METRICS if metric.key == "calibration_ratio")
    domain = _around_one(
        [interval((entry.get("metrics") or {}).get(ratio.key)) for entry in entries]
    )
    others = [
        m
        for m in shown_metrics([entry.get("metrics") for entry in entries])
        if m.key in ("accuracy", "normalized_entropy")
    ]
    names = list(dict.fromkeys(entry["slice"] for entry in entries))
    return {
        "others": [{"title": m.title, "arrow": ARROWS[m.better]} for m in others],
        "scale": [figure(domain[0], 2), "1", figure(domain[1], 2)],
        "binary": any(known(entry.get("positives")) for entry in entries),
        "compared": bool(against),
        "worst": _worst_in_words(worst),
        "sure": _is_sure(worst),
        "groups": [_group(name, entries, worst, against, ratio, others, domain) for name in names],
    }


def _group(
    name: str,
    entries: list[dict],
    worst: dict | None,
    against: dict,
    ratio: Metric,
    others: list[Metric],
    domain: tuple[float, float],
) -> dict:
    members = [entry for entry in entries if entry["slice"] == name]
    largest = sorted(members, key=lambda entry: -entry["rows"])[:MOST_VALUES]
    kept = [entry for entry in members if entry in largest or entry is worst]
    rest = sum(entry["rows"] for entry in members) - sum(entry["rows"] for entry in kept)
    unseen = len(members) - len(kept)
    return {
        "name": sentence_case(name),
        "rest": f"{plural(unseen, 'smaller value')} not shown, {plural(rest, 'row')}"
        if unseen
        else "",
        "rows": [
            _slice_row(entry, entry is worst, against, ratio, others, domain) for entry in kept
        ],
    }


def _slice_row(
    entry: dict,
    is_worst: bool,
    against: dict,
    ratio: Metric,
    others: list[Metric],
    domain: tuple[float, float],
) -> dict:
    metrics = entry.get("metrics") or {}
    difference = interval(against.get((entry["slice"], entry["value"])))
    rows, positives = entry["rows"], entry.get("positives")
    return {
        "value": entry["value"],
        "worst": is_worst,
        "rows": count(rows),
        "rate": share(positives / rows, 2) if rows and known(positives) else figure(None, 0),
        "ratio": cell(metrics.get(ratio.key), ratio, domain, 150, "worst" if is_worst else ""),
        "others": [cell(metrics.get(metric.key), metric, (0.0, 1.0)) for metric in others],
        "against": figure(difference[0], 4) if difference else figure(None, 0),
        "against_range": f"{figure(difference[1], 4)} to {figure(difference[2], 4)}"
        if difference and difference[2] > difference[1]
        else "",
    }


def worst_calibrated(entries: list[dict]) -> dict | None:
    """The slice surely furthest from 1: judged by the end of its interval that is nearer to 1.

    So a tiny slice with a wild ratio and a wide interval does not hide a large one that is off.
    """
    rated = [
        (entry, at)
        for entry in entries
        if (at := interval((entry.get("metrics") or {}).get("calibration_ratio")))
    ]
    if not rated:
        return None
    return max(rated, key=lambda pair: (_surely_off(pair[1]), abs(pair[1][0] - 1)))[0]


def _is_sure(worst: dict | None) -> bool:
    at = interval(((worst or {}).get("metrics") or {}).get("calibration_ratio"))
    return at is not None and _surely_off(at) > 0


def _surely_off(at: tuple[float, float, float]) -> float:
    _, low, high = at
    return max(low - 1, 1 - high, 0.0)


def _worst_in_words(worst: dict | None) -> str:
    if worst is None:
        return "No slice had enough rows to tell its calibration."
    at = interval(worst["metrics"]["calibration_ratio"])
    value = at[0] if at else 1.0
    amount = share(abs(value - 1))
    off = f"{amount} too much" if value > 1 else f"{amount} too little"
    named = f"{sentence_case(worst['slice'])} “{worst['value']}”"
    sure = "" if _is_sure(worst) else ", within its interval of being right"
    return f"Furthest from true: {named}, where the model promised {off}{sure}."


def _around_one(found: list[tuple[float, float, float] | None]) -> tuple[float, float]:
    """A scale with 1 in its middle, wide enough for the dots, never so wide that they drown."""
    dots = [abs(at[0] - 1) * 1.15 for at in found if at]
    ends = [min(abs(end - 1), 0.25) for at in found if at for end in at]
    reach = min(max([*dots, *ends, 0.1]), 0.95)
    return 1 - reach, 1 + reach
