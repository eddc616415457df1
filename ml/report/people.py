"""What the report says about groups of listeners: segment profiles and audiences."""

# Typographic quotes, dashes and signs are meant.
# ruff: noqa: RUF001

import math

from ml.report.charts import hour_bars, safe_color
from ml.report.words import (
    compact,
    count,
    day_in_words,
    feature_in_words,
    figure,
    known,
    plural,
    share,
)

MOST_LIFTS = 5
FULL_BAR = math.log(4)


def segments(definitions: dict | None) -> dict | None:
    """A card per segment: name, size, what sets it apart, its typical day."""
    found = (definitions or {}).get("segments") or []
    if not definitions or not found:
        return None
    quality = definitions.get("quality") or {}
    return {
        "cards": [_card(segment) for segment in found],
        "dates": _dates(definitions),
        "candidates": [
            {
                "k": candidate.get("k"),
                "chosen": candidate.get("k") == quality.get("k"),
                "stability": figure(candidate.get("stability"), 2),
                "silhouette": figure(candidate.get("silhouette"), 2),
            }
            for candidate in quality.get("candidates") or []
        ],
        "notes": definitions.get("notes") or [],
    }


def _dates(definitions: dict) -> str:
    found, expires = definitions.get("as_of"), definitions.get("expires")
    said = f"Discovered as of {day_in_words(found)}" if found else "Discovered on an unknown day"
    return f"{said}, valid until {day_in_words(expires)}." if expires else f"{said}."


def _card(segment: dict) -> dict:
    name, color = str(segment.get("name", "")), segment.get("color")
    hours = [hour if known(hour) else 0.0 for hour in segment.get("typical_day") or []]
    part = segment.get("share")
    return {
        "name": name,
        "color": safe_color(color),
        "listeners": count(segment.get("listeners")),
        "share": share(part, 0),
        "width": f"{100 * part:.2f}" if known(part) else "0",
        "lifts": [_lift(entry) for entry in (segment.get("distinguishing") or [])[:MOST_LIFTS]],
        "day": hour_bars(hours, str(color), _day_in_words(name, hours)) if any(hours) else "",
        "peak": f"Most at {hours.index(max(hours)):02d}:00" if any(hours) else "",
    }


def _day_in_words(name: str, hours: list[float]) -> str:
    return f"Listening of {name} by hour of the day, most at {hours.index(max(hours)):02d}:00"


def _lift(entry: dict) -> dict:
    """A bar from the middle: right when there is more of it than overall, left when less."""
    lift = entry.get("lift")
    reach = 0.0 if not known(lift) or lift <= 0 else math.log(lift) / FULL_BAR
    if known(lift) and lift <= 0:
        reach = -1.0
    return {
        "label": entry.get("label") or feature_in_words(str(entry.get("feature", ""))),
        "times": f"{figure(lift, 1 if lift >= 1 else 2)}×" if known(lift) else figure(lift, 1),
        "compared": f"{compact(entry.get('value'))}, overall {compact(entry.get('overall'))}",
        "less": reach < 0,
        "width": f"{50 * min(abs(reach), 1.0):.1f}",
    }


def audiences(published: dict | None) -> dict | None:
    """Each audience, published or why not, and how many listeners it was drawn from."""
    if not published:
        return None
    rows = [_audience(entry) for entry in published.get("audiences") or []]
    return {"rows": rows, "sentence": _drawn_from(published)}


def _audience(entry: dict) -> dict:
    """A line of the table; how many listeners a withheld audience has is withheld as well."""
    shown, reason = bool(entry.get("published")), str(entry.get("reason") or "")
    return {
        "title": entry.get("title") or entry.get("audience"),
        "listeners": count(entry.get("listeners") if shown else None),
        "published": shown,
        "reason": "" if shown else reason.removeprefix("not published: "),
    }


def _drawn_from(published: dict) -> str:
    counts = published.get("counts") or {}
    parts = []
    if known(counts.get("scored")):
        parts.append(f"{plural(counts['scored'], 'listener')} scored.")
    if known(counts.get("without_consent")):
        parts.append(
            f"{plural(counts['without_consent'], 'listener')} left out for want of consent."
        )
    if known(counts.get("eligible")):
        parts.append(f"{plural(counts['eligible'], 'listener')} eligible.")
    if known(published.get("k")):
        parts.append(f"An audience of fewer than {count(published['k'])} is never published.")
    said = [part[:1].upper() + part[1:] for part in parts]
    return " ".join([*said, *(published.get("notes") or [])])
