"""What segments are good for: how each answers adverts, beside what was foretold; and friends."""

# Typographic quotes, dashes and signs are meant.
# ruff: noqa: RUF001

from ml.report.charts import interval_strip
from ml.report.figures import interval
from ml.report.identities import Identity, identity
from ml.report.words import count, days_in_words, figure, known, plural, share

RATIO = (0.0, 2.0)
ENOUGH = 100
"""Impressions it takes to be called the most responsive."""


def answers(usefulness: dict | None, identities: dict[str, Identity]) -> dict | None:
    """A line per segment, the most responsive first; None when nobody measured anything."""
    if not usefulness:
        return None
    overall = usefulness.get("overall") or {}
    shown = [one for one in usefulness.get("segments") or [] if one.get("impressions")]
    ordered = sorted(shown, key=lambda one: (-(one.get("rate") or 0.0), str(one.get("id"))))
    domain = (0.0, _highest(shown) or 1.0)
    return {
        "rows": [_row(one, identities, domain, overall.get("rate")) for one in ordered],
        "sentences": _in_words(ordered, overall, usefulness, identities) if ordered else [],
        "friends": _friends(usefulness.get("friends")),
        "notes": usefulness.get("notes") or [],
    }


def _highest(shown: list[dict]) -> float:
    """Room for every rate, and for intervals unless one is so wide that the dots would drown."""
    rates = [one.get("rate") or 0.0 for one in shown]
    ends = [one["high"] for one in shown if known(one.get("high"))]
    return min(max([*rates, *ends], default=0.0), 2 * max(rates, default=0.0))


def _row(one: dict, identities: dict, domain: tuple[float, float], overall: object) -> dict:
    own, at = identity(identities, one.get("id"), one), interval(one.get("calibration"))
    rate, low, high = interval({**one, "value": one.get("rate")}) or (0.0, 0.0, 0.0)
    guide = overall if known(overall) else None
    return {
        "name": own.name,
        "color": own.color,
        "impressions": count(one.get("impressions")),
        "rate": share(rate, 2),
        "range": f"{share(low, 2)} to {share(high, 2)}" if high > low else "",
        "strip": interval_strip(rate, low, min(high, domain[1]), domain, guide, 120),
        "lift": f"{figure(one.get('lift'), 2)}×" if known(one.get("lift")) else figure(None, 0),
        "predicted": share(one.get("predicted"), 2),
        "ratio": figure(at[0], 2) if at else figure(None, 0),
        "ratio_range": f"{figure(at[1], 2)}–{figure(at[2], 2)}" if at and at[2] > at[1] else "",
        "ratio_strip": _ratio_strip(at),
        "off": bool(at and at[2] > at[1] and (at[1] > 1 or at[2] < 1)),
    }


def _ratio_strip(at: tuple[float, float, float] | None) -> str:
    if at is None:
        return ""
    value, low, high = (min(end, RATIO[1]) for end in at)
    return interval_strip(value, low, high, RATIO, 1.0, 110)


def _in_words(ordered: list[dict], overall: dict, usefulness: dict, identities: dict) -> list[str]:
    best, days = _best(ordered), days_in_words(usefulness.get("days") or [])
    on, name = f" of {days}" if days else "", identity(identities, best["id"], best).name
    sure = known(best.get("low")) and best["low"] > (overall.get("rate") or 0.0)
    first = (
        f"From {plural(overall.get('impressions') or 0, 'impression')}{on}: everybody answered "
        f"{share(overall.get('rate'), 2)} of them, “{name}” most often, "
        f"{share(best.get('rate'), 2)}{'' if sure else ', which may be chance'}."
    )
    said = (first, _tells(usefulness.get("tells")), _off(ordered, identities))
    return [sentence for sentence in said if sentence]


def _best(ordered: list[dict]) -> dict:
    """The segment that answered most, of those from which enough adverts are known to say so."""
    enough = [one for one in ordered if (one.get("impressions") or 0) >= ENOUGH]
    return enough[0] if enough else ordered[0]


def _tells(told: dict | None) -> str:
    if not told:
        return ""
    explained = share(told.get("explained"), 2)
    if told.get("surely"):
        return (
            f"Knowing the segment takes away {explained} of the uncertainty about an answer; "
            f"chance alone would seem to take up to {share(told.get('by_chance'), 2)}."
        )
    return (
        f"Knowing the segment seems to take away {explained} of the uncertainty about an answer, "
        "which is no more than chance alone would seem to."
    )


def _off(ordered: list[dict], identities: dict) -> str:
    off = [
        (identity(identities, one["id"], one).name, at[0])
        for one in ordered
        if (at := interval(one.get("calibration"))) and at[2] > at[1] and (at[1] > 1 or at[2] < 1)
    ]
    if not any(interval(one.get("calibration")) for one in ordered):
        return ""
    if not off:
        return "What the ad model foretells holds in every segment, as far as its answers can tell."
    name, ratio = max(off, key=lambda one: abs(one[1] - 1))
    much = "too much" if ratio > 1 else "too little"
    return f"The ad model promises {share(abs(ratio - 1), 0)} {much} of “{name}”, surely."


def _friends(told: dict | None) -> str:
    at = interval({**told, "value": told.get("ratio")} if told else None)
    if not told or at is None:
        return ""
    value, low, high = at
    sure = f" (95 % interval {figure(low, 2)} to {figure(high, 2)})" if high > low else ""
    verdict = "Friends listen alike" if low > 1 else "Friends are not surely more alike than others"
    return (
        f"{verdict}: of {plural(told.get('pairs') or 0, 'pair')} of friends "
        f"{share(told.get('same'))} are in one segment, by chance it would be "
        f"{share(told.get('expected'))}: {figure(value, 2)} times as many{sure}."
    )
