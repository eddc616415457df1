"""Figures over nights as inline SVG, in the hand of the reports' charts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from ml.report.charts import Scale, drawing, line, linear, pixel

_WIDE, _HIGH, _LEFT, _RIGHT, _TOP, _BOTTOM = 720, 190, 54, 14, 12, 30


@dataclass(frozen=True)
class Point:
    """A figure of one night, with its interval where it has one."""

    day: str
    value: float
    low: float | None = None
    high: float | None = None
    kind: str = ""
    """``refused`` is drawn hollow."""


def series(
    points: Sequence[Point], says: str, guide: float | None = None, wide: int = _WIDE
) -> str:
    """Points over nights, oldest left, on a scale that holds every interval and the guide."""
    ordered = sorted(points, key=lambda one: one.day)
    alone = 0.5 if len(ordered) == 1 else 0.0
    x = linear(-alone, max(len(ordered) - 1, alone), _LEFT + 12, wide - _RIGHT - 12)
    y, ticks = _upright(ordered, guide)
    parts = [_tick(y, tick, wide) for tick in ticks]
    if guide is not None:
        parts.append(line("guide", _LEFT, y(guide), wide - _RIGHT, y(guide)))
    path = " ".join(f"{pixel(x(at))},{pixel(y(one.value))}" for at, one in enumerate(ordered))
    parts.append(f'<polyline class="promise" points="{path}"/>')
    parts += [_point(one, x(at), y) for at, one in enumerate(ordered)]
    parts += [_day(ordered[at].day, x(at)) for at in _few(len(ordered), wide // 100)]
    return drawing("".join(parts), wide, _HIGH, says, "chart wide series")


def _upright(points: Sequence[Point], guide: float | None) -> tuple[Scale, list[float]]:
    bounds = [bound for one in points for bound in (one.low, one.value, one.high)
              if bound is not None] + ([guide] if guide is not None else [])
    low, high = min(bounds), max(bounds)
    step = _nice((high - low) / 3 or abs(high) / 3 or 1.0)
    first, last = math.floor(low / step), math.ceil(high / step)
    last = max(last, first + 1)
    ticks = [round(at * step, 10) for at in range(first, last + 1)]
    return linear(ticks[0], ticks[-1], _HIGH - _BOTTOM, _TOP), ticks


def _nice(step: float) -> float:
    """1, 2 or 5 times a power of ten, not below ``step``."""
    size = 10 ** math.floor(math.log10(step))
    return next(one * size for one in (1, 2, 5, 10) if one * size >= step * 0.999)


def _tick(y: Scale, tick: float, wide: int) -> str:
    text = f'<text class="tick up" x="{_LEFT - 8}" y="{pixel(y(tick) + 4)}">{tick:,.6g}</text>'
    return line("grid", _LEFT, y(tick), wide - _RIGHT, y(tick)) + text


def _point(one: Point, across: float, y: Scale) -> str:
    whisker = ""
    if one.low is not None and one.high is not None:
        whisker = line("whisker", across, y(one.low), across, y(one.high))
    return (f'{whisker}<circle class="dot {escape(one.kind)}" cx="{pixel(across)}" '
            f'cy="{pixel(y(one.value))}" r="4"><title>{escape(one.day)}: {one.value:,.4g}</title>'
            "</circle>")


def _day(day: str, across: float) -> str:
    return f'<text class="tick across" x="{pixel(across)}" y="{_HIGH - 8}">{escape(day[5:])}</text>'


def _few(count: int, most: int) -> list[int]:
    """No more than about so many places, first and last among them."""
    every = max(1, math.ceil((count - 1) / most))
    return sorted({*range(0, max(count - 1, 1), every), max(count - 1, 0)})
