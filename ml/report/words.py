"""How the report says numbers, days and the names of features."""

# Typographic quotes, dashes and signs are meant.
# ruff: noqa: RUF001, RUF002

import datetime as dt
import math
import re
from typing import Any, TypeGuard

MISSING = "–"
MOST_DECIMALS = 6
MINUS = "\N{MINUS SIGN}"
OWNERS = (
    "listener",
    "ad",
    "advertiser",
    "campaign",
    "artist",
    "track",
    "genre",
    "format",
    "device",
    "slot",
    "hour",
)
WINDOW = re.compile(r"_(\d+)d$")
PART = re.compile(r"(_share|_rate)(_|\Z)")
WHOLE_NAMES = {
    "hour": "Hour of the day",
    "is_evening": "Evening or not",
    "mood": "Mood of what is playing",
    "slot": "Place of the ad",
    "format": "Format of the ad",
    "device": "Device",
    "tier": "Free or paid listener",
    "country": "Country",
}
SPOKEN = {
    "ms": "milliseconds",
    "ctr": "click rate",
    "id": "identity",
    "avg": "average",
    "num": "number of",
}


def known(number: Any) -> TypeGuard[float]:
    """Whether there is a finite number to show."""
    if number is None or isinstance(number, bool | str):
        return False
    return math.isfinite(number)


def figure(number: Any, digits: int) -> str:
    """A number with a fixed number of decimals, or a dash: ``-0.5`` is ``−0.50``."""
    if not known(number):
        return MISSING
    return f"{number:,.{digits}f}".replace("-", MINUS)


def count(number: Any) -> str:
    """A whole number with its thousands apart: ``81,220``."""
    return figure(number, 0)


def share(number: Any, digits: int = 1) -> str:
    """A share of one in percent, with as many decimals as it takes not to read 0.0 %."""
    if not known(number):
        return MISSING
    percent = 100 * number
    if 0 < abs(percent) < 10**-digits:
        digits = min(MOST_DECIMALS, -math.floor(math.log10(abs(percent))))
    return f"{figure(percent, digits)} %"


def compact(number: Any) -> str:
    """Three significant digits, whatever the size: ``0.61``, ``21.4``, ``12,300``."""
    if not known(number):
        return MISSING
    if number == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(number))))
    said = figure(round(number, digits), min(digits, 4))
    return said.rstrip("0").rstrip(".") if "." in said else said


def measured(feature: Any, value: Any) -> str:
    """The value of a feature; shares and rates of listening read as percent.

    >>> measured("evening_share_28d", 0.614), measured("tempo_28d", 118.0)
    ('61 %', '118')
    """
    is_part = PART.search(str(feature)) and known(value) and 0 <= value <= 1
    return share(value, 0) if is_part else compact(value)


def day_in_words(day: Any) -> str:
    """``2026-01-05`` is ``5 January 2026``; what is not a day is said as it is."""
    date = _as_date(day)
    return f"{date.day} {date:%B %Y}" if date else str(day)


def night_in_words(day: Any) -> str:
    """``2026-01-05`` is ``Monday 5 January 2026``."""
    date = _as_date(day)
    return f"{date:%A} {day_in_words(date)}" if date else str(day)


def days_in_words(days: list) -> str:
    """``4 January 2026``, or ``3 to 4 January 2026, 2 days``."""
    ordered = sorted({str(day) for day in days})
    if len(ordered) < 2:
        return "".join(day_in_words(day) for day in ordered)
    first, last = ordered[0], ordered[-1]
    return f"{_shortened(first, last)} to {day_in_words(last)}, {len(ordered)} days"


def days_between(span: list) -> str:
    """The days from the first to the last of a span: ``3 to 4 January 2026``."""
    return days_in_words(span).partition(",")[0]


def _shortened(first: str, last: str) -> str:
    """The first day without the month and year it shares with the last."""
    day, end = _as_date(first), _as_date(last)
    if not day or not end or day.year != end.year:
        return day_in_words(first)
    return f"{day.day}" if day.month == end.month else f"{day.day} {day:%B}"


def _as_date(day: Any) -> dt.date | None:
    if isinstance(day, dt.date):
        return day
    try:
        return dt.date.fromisoformat(str(day)[:10])
    except ValueError:
        return None


def feature_in_words(feature: str) -> str:
    """A feature's name as a person says it.

    >>> feature_in_words("listener_response_rate_28d")
    'Listener’s response rate, last 28 days'
    >>> feature_in_words("listener_ad_impressions_7d")
    'Listener and ad: impressions, last 7 days'
    >>> feature_in_words("attr_screen_size")
    'Screen size (given by the source)'
    """
    if feature in WHOLE_NAMES:
        return WHOLE_NAMES[feature]
    if feature.startswith("attr_"):
        return f"{sentence_case(feature.removeprefix('attr_'))} (given by the source)"
    window = WINDOW.search(feature)
    words = feature[: window.start()].split("_") if window else feature.split("_")
    said = _with_owners([SPOKEN.get(word, word) for word in words])
    return said + (_window_in_words(int(window[1])) if window else "")


def _with_owners(words: list[str]) -> str:
    owners = 0
    while owners < len(words) - 1 and words[owners] in OWNERS:
        owners += 1
    owned = " ".join(words[owners:])
    if owners == 0:
        return sentence_case(owned)
    if owners == 1:
        return f"{sentence_case(words[0])}’s {owned}"
    return f"{sentence_case(' and '.join(words[:owners]))}: {owned}"


def _window_in_words(days: int) -> str:
    return ", the day before" if days == 1 else f", last {days} days"


def sentence_case(name: str) -> str:
    """``ad_targeting`` is ``Ad targeting``."""
    said = name.replace("_", " ").strip()
    return said[:1].upper() + said[1:]


def plural(number: int, noun: str) -> str:
    """``1 gate``, ``2 gates``, ``no gates``."""
    return f"{count(number) if number else 'no'} {noun}{'' if number == 1 else 's'}"


def listed(items: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(([", ".join(items[:-1])] if len(items) > 1 else []) + items[-1:])
