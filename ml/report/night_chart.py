"""A figure night by night: dots with their intervals, the bounds it must keep, what was expected.

Drawn like every other chart of the report (ml.report.charts): the same bytes every time.
"""

from html import escape

from ml.report.charts import drawing, line, linear, pixel

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 190, 56, 14, 14, 34
LABELS = 8
"""Days named below the axis, at most."""


def night_chart(
    points: list[dict], says: str, bounds: tuple[float | None, ...] = (), digits: int = 2
) -> str:
    """One dot a night: ``day``, ``value``, ``low`` and ``high``, and perhaps ``expected``.

    ``bounds`` are dashed lines. Nights without a value leave a gap; none at all is no chart.
    """
    known = [one for one in points if one["value"] is not None]
    if not known:
        return ""
    low, high = _range(known, bounds)
    x = linear(0, max(1, len(points) - 1), LEFT + 10, WIDTH - RIGHT - 10)
    y = linear(low, high, HEIGHT - BOTTOM, TOP)
    parts = [line("guide", LEFT, y(bound), WIDTH - RIGHT, y(bound))
             for bound in bounds if bound is not None]  # fmt: skip
    for place, one in enumerate(points):
        parts += _mark(one, x(place), y)
    return drawing(_axes(points, x, y, low, high, digits) + "".join(parts), WIDTH, HEIGHT, says,
                   "chart wide")  # fmt: skip


def _range(known: list[dict], bounds: tuple[float | None, ...]) -> tuple[float, float]:
    ends = [one[name] for one in known for name in ("value", "low", "high", "expected")
            if one.get(name) is not None] + [one for one in bounds if one is not None]  # fmt: skip
    spare = 0.06 * (max(ends) - min(ends)) or 0.05
    return min(ends) - spare, max(ends) + spare


def _mark(one: dict, at: float, y) -> list[str]:
    parts: list[str] = []
    if one["value"] is None:
        return parts
    if one["low"] is not None and one["high"] is not None:
        parts.append(line("whisker", at, y(one["low"]), at, y(one["high"])))
    if one.get("expected") is not None:
        parts.append(line("axis", at - 6, y(one["expected"]), at + 6, y(one["expected"])))
    dot = f'<circle class="dot" cx="{pixel(at)}" cy="{pixel(y(one["value"]))}" r="3.6"/>'
    return [*parts, dot]


def _axes(points: list[dict], x, y, low: float, high: float, digits: int) -> str:
    floor = HEIGHT - BOTTOM
    parts = [line("axis", LEFT, floor, WIDTH - RIGHT, floor)]
    for step in range(4):
        value = low + (high - low) * (step + 0.5) / 4
        parts.append(line("grid", LEFT, y(value), WIDTH - RIGHT, y(value)))
        parts.append(f'<text class="tick up" x="{LEFT - 8}" y="{pixel(y(value) + 4)}">'
                     f"{value:.{digits}f}</text>")  # fmt: skip
    every = -(-len(points) // LABELS)
    named = range((len(points) - 1) % every, len(points), every)
    parts += [f'<text class="tick across" x="{pixel(x(place))}" y="{floor + 18}">'
              f"{escape(points[place]['day'][5:])}</text>" for place in named]  # fmt: skip
    return "".join(parts)
