"""Who the segments are: a card each, with size and trend, what sets it apart, its typical day."""

# Typographic quotes, dashes and signs are meant.
# ruff: noqa: RUF001

import math
import re

from ml.report.charts import hour_bars
from ml.report.guarded import typeset
from ml.report.identities import Identity, identity
from ml.report.sparkline import sparkline
from ml.report.words import (
    WINDOW,
    count,
    day_in_words,
    feature_in_words,
    figure,
    known,
    listed,
    measured,
    plural,
    sentence_case,
    share,
)

MOST_LIFTS = 5
MOST_DIFFERENCES = 3
FULL_BAR = math.log(4)
CHOICE = re.compile(r"_share_(?!\d+d\Z)")
"""A feature that is the share of one choice: its label is the choice itself."""


def segments(
    definitions: dict | None,
    identities: dict[str, Identity],
    membership: dict | None = None,
    guard: dict | None = None,
    names: dict | None = None,
) -> dict | None:
    """A card per segment; None for a family without definitions.

    Sizes are tonight's where ``membership`` tells them, else those of the discovery.
    """
    if not definitions:
        return None
    tonight = _tonight(membership)
    judged = _by_id(guard)
    cards = [
        _card(one, identities, tonight.get(str(one.get("id"))), judged.get(str(one.get("id"))))
        for one in definitions.get("segments") or []
    ]
    return {
        "cards": cards,
        "sentence": _in_words(len(cards), membership),
        "dates": _dates(definitions),
        "notes": [
            note
            for artifact in (definitions, names or {}, membership or {})
            for note in artifact.get("notes") or []
        ],
    }


def _tonight(membership: dict | None) -> dict[str, dict]:
    """Tonight's sizes by segment; on a first night nobody can have come or gone."""
    found = _by_id(membership)
    if (membership or {}).get("previous_day"):
        return found
    return {name: one | {"joined": None, "left": None} for name, one in found.items()}


def of_somebody(membership: dict | None) -> dict | None:
    """The membership of a night with a live model; without one nobody is in a segment."""
    return membership if (membership or {}).get("listeners") else None


def _by_id(artifact: dict | None) -> dict[str, dict]:
    return {str(one.get("id")): one for one in (artifact or {}).get("segments") or []}


def _in_words(cards: int, membership: dict | None) -> str:
    if not cards:
        return "No segments are defined yet."
    everybody = (membership or {}).get("listeners")
    if not known(everybody):
        return (
            f"{plural(cards, 'segment')}, with the sizes they were discovered with: nobody is "
            "assigned to them tonight."
        )
    unknown = (membership or {}).get("unknown") or 0
    told = f"{plural(int(everybody), 'listener')} tonight, in {plural(cards, 'segment')}."
    if not unknown:
        return told
    part = share(unknown / everybody if everybody else 0, 0)
    return (
        f"{told} {count(unknown)} ({part}) are “unknown yet”: too little was heard of them for an "
        "honest answer."
    )


def _dates(definitions: dict) -> str:
    found, expires = definitions.get("as_of"), definitions.get("expires")
    said = f"Discovered as of {day_in_words(found)}" if found else "Discovered on an unknown day"
    return f"{said}, valid until {day_in_words(expires)}." if expires else f"{said}."


def _card(segment: dict, identities: dict, tonight: dict | None, judged: dict | None) -> dict:
    own = identity(identities, segment.get("id"), segment)
    hours = [hour if known(hour) else 0.0 for hour in segment.get("typical_day") or []]
    size = tonight or segment
    part = size.get("share")
    return {
        "name": own.name,
        "discovered": own.discovered,
        "since": day_in_words(segment["since"]) if segment.get("since") else "",
        "color": own.color,
        "listeners": count(size.get("listeners")),
        "share": share(part, 0),
        "width": f"{100 * part:.2f}" if known(part) else "0",
        "lifts": [_lift(entry) for entry in (segment.get("distinguishing") or [])[:MOST_LIFTS]],
        "day": hour_bars(hours, own.color, _day_in_words(own.name, hours)) if any(hours) else "",
        "peak": f"Most at {hours.index(max(hours)):02d}:00" if any(hours) else "",
        **_trend(own, tonight),
        "contrast": _contrast(segment.get("nearest"), identities),
        "guard": _verdict(judged),
    }


def _day_in_words(name: str, hours: list[float]) -> str:
    return f"Listening of {name} by hour of the day, most at {hours.index(max(hours)):02d}:00"


def _trend(own: Identity, tonight: dict | None) -> dict:
    """The size over the last nights, drawn and said; and who came and went since last night."""
    points = [one for one in (tonight or {}).get("trend") or [] if known(one.get("share"))]
    joined, left = (tonight or {}).get("joined"), (tonight or {}).get("left")
    moved = f"{count(joined)} joined and {count(left)} left since the night before."
    told = {"spark": "", "trend": "", "moved": moved if known(joined) else ""}
    if len(points) < 2:
        return told
    before = f"{share(points[0]['share'], 0)} on {day_in_words(points[0]['day'])}"
    said = f"Share of {own.name} over {plural(len(points), 'night')}, {before}"
    spark = sparkline([one["share"] for one in points], own.color, said)
    return told | {"spark": spark, "trend": f"{before}."}


def _contrast(nearest: dict | None, identities: dict[str, Identity]) -> dict | None:
    """How it differs from the segment most like it, in words."""
    differences = (nearest or {}).get("differences") or []
    if not nearest or not differences:
        return None
    other = identity(identities, nearest.get("id"), nearest)
    said = [
        f"{one.get('label') or feature_in_words(str(one.get('feature', '')))} "
        f"({_beside(one)})"
        for one in differences[:MOST_DIFFERENCES]
    ]
    return {"name": other.name, "color": other.color, "said": f"{sentence_case(listed(said))}."}


def _beside(one: dict) -> str:
    feature = one.get("feature")
    here, there = measured(feature, one.get("value")), measured(feature, one.get("other"))
    return f"{_named(str(feature))}{here} against {there}"


def _named(feature: str) -> str:
    """What was measured, before its value: a word such as "calm" does not say that it is energy.

    >>> _named("energy_mean_28d"), _named("device_share_phone")
    ('energy mean ', '')
    """
    if CHOICE.search(feature):
        return ""
    return f"{WINDOW.sub('', feature).replace('_', ' ')} "


def _verdict(judged: dict | None) -> dict | None:
    if not judged:
        return None
    sentence = str(judged.get("sentence") or "")
    unchecked = ", unchecked" if sentence.startswith("published unchecked") else ""
    published = bool(judged.get("published"))
    return {
        "published": published,
        "said": f"✓ May be published{unchecked}" if published else "✕ Withheld",
        "why": typeset(sentence),
    }


def _lift(entry: dict) -> dict:
    """A bar from the middle: right when there is more of it than overall, left when less."""
    lift, feature = entry.get("lift"), str(entry.get("feature", ""))
    reach = 0.0 if not known(lift) or lift <= 0 else math.log(lift) / FULL_BAR
    if known(lift) and lift <= 0:
        reach = -1.0
    return {
        "label": entry.get("label") or feature_in_words(feature),
        "times": f"{figure(lift, 1 if lift >= 1 else 2)}×" if known(lift) else figure(lift, 1),
        "compared": f"{_named(feature)}{measured(feature, entry.get('value'))}, "
        f"overall {measured(feature, entry.get('overall'))}",
        "less": reach < 0,
        "width": f"{50 * min(abs(reach), 1.0):.1f}",
    }
