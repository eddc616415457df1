"""Numbers and times as a page writes them; filters of its templates."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from workflows.page.families import FamilyNight
from workflows.page.lineage_drawing import anchor_of
from workflows.page.series import Point, series
from workflows.page.states import state_of, together
from workflows.printing import seconds, size


def minute(text: str) -> str:
    """``2026-02-04 04:15`` of an ISO time."""
    return text[:16].replace("T", " ")


def night(text: str) -> str:
    """``Wednesday 4 February 2026``."""
    day = dt.date.fromisoformat(text)
    return f"{day:%A} {day.day} {day:%B %Y}"


def number(value: Any) -> str:
    """With thousands apart; nothing for None."""
    return "" if value is None else f"{value:,}"


def memory(value: int | None) -> str:
    """Bytes for people; nothing for None."""
    return "" if value is None else size(value)


def chart(points: Any, says: str, guide: float | None = None, wide: int = 720) -> Markup:
    """Points over nights as a drawing, every text in it escaped."""
    return Markup(series(points, says, guide, wide))


def points(nights: Iterable[FamilyNight], figure: str) -> list[Point]:
    """A figure of a family's nights, as far as it is known."""
    known = [(one, one.figures[figure]) for one in nights if figure in one.figures]
    return [Point(one.day, found.value, found.low, found.high, one.verdict)
            for one, found in known]


FILTERS = {"minute": minute, "night": night, "number": number, "memory": memory,
           "seconds": seconds, "anchor": anchor_of, "chart": chart, "points": points,
           "together": together, "state": state_of}
