"""Inline SVG, drawn by hand: small, the same bytes every time, and coloured by the page's style.

Shapes carry class names only, so one drawing serves light and dark. Every chart has a sentence
for those who cannot see it. Nothing here takes text from outside except through ``escape``.
"""

import math
import re
from collections.abc import Callable
from html import escape

from ml.intervals import wilson
from ml.report.words import share

Scale = Callable[[float], float]
SIDE, LEFT, BOTTOM, TOP, RIGHT = 340, 52, 46, 14, 14
COLOR = re.compile(r"#[0-9a-fA-F]{6}\Z")
HOURS = (0, 6, 12, 18)
ENDS = ("x1", "y1", "x2", "y2")


def drawing(body: str, width: float, height: float, says: str, kind: str) -> str:
    """An SVG that scales with its column and says what it shows."""
    return (
        f'<svg class="{kind}" viewBox="0 0 {pixel(width)} {pixel(height)}" role="img" '
        f'aria-label="{escape(says)}">{body}</svg>'
    )


def linear(low: float, high: float, start: float, end: float, root: bool = False) -> Scale:
    """A scale from values to pixels; ``root`` gives small values more room (and keeps zero)."""
    bend: Scale = math.sqrt if root else float
    width = bend(high) - bend(low)
    return lambda value: start + (end - start) * ((bend(value) - bend(low)) / width if width else 0)


def ticks(high: float, most: int = 5) -> list[float]:
    """Round numbers from zero to ``high``, steps of 1, 2 or 5."""
    if high <= 0:
        return [0.0]
    rough = high / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    return [index * step for index in range(int(high / step + 1e-9) + 1)]


def calibration_curve(bins: list[dict], across: str, up: str) -> str:
    """Predicted against observed, a dot per bin with its 95 % Wilson interval, and the diagonal."""
    bounds = [wilson(bin_["observed"], bin_["rows"]) for bin_ in bins]
    high = max([bin_["predicted"] for bin_ in bins] + [upper for _, upper in bounds])
    high = min(1.0, high * 1.04) or 1.0
    root = is_skewed(bins)
    x, y = _plane(high, root)
    marks = []
    for bin_, (low, upper) in zip(bins, bounds, strict=True):
        at, dot = x(min(bin_["predicted"], high)), y(min(bin_["observed"], high))
        marks.append(line("whisker", at, y(min(low, high)), at, y(min(upper, high))))
        marks.append(f'<circle class="dot" cx="{pixel(at)}" cy="{pixel(dot)}" r="3.6"/>')
    diagonal = line("guide", x(0), y(0), x(high), y(high))
    shown = _root_ticks(high) if root else ticks(high)
    body = _axes(x, y, shown, across, up) + diagonal + "".join(marks)
    return drawing(body, SIDE, SIDE, f"{up} against {across}, {len(bins)} bins", "chart")


def is_skewed(bins: list[dict]) -> bool:
    """Whether most bins would crowd in a corner, so the axes need room near zero."""
    predicted = sorted(bin_["predicted"] for bin_ in bins)
    return predicted[len(predicted) // 2] < predicted[-1] / 3


def gain_curve(points: list[dict], says: str) -> str:
    """Share of positives found when taking the best-scored rows first, and the line of chance."""
    x, y = _plane(1.0, False)
    corners = [(0.0, 0.0)] + [(p["share_of_rows"], p["share_of_positives"]) for p in points]
    path = " ".join(f"{pixel(x(across))},{pixel(y(up))}" for across, up in corners)
    first = tenth(points)
    mark = ""
    if first:
        across, up = x(first["share_of_rows"]), y(first["share_of_positives"])
        beside = f"{share(first['share_of_positives'], 0)} in the top tenth"
        mark = (
            line("drop", across, y(0), across, up)
            + f'<circle class="dot" cx="{pixel(across)}" cy="{pixel(up)}" r="4.2"/>'
            + f'<text class="note" x="{pixel(across + 10)}" y="{pixel(up + 5)}">{beside}</text>'
        )
    area = f'<polygon class="area" points="{path} {pixel(x(1))},{pixel(y(0))}"/>'
    curve = f'<polyline class="curve" points="{path}"/>'
    axes = _axes(x, y, ticks(1.0), "Share of rows, best scores first", "Share of positives")
    guide = line("guide", x(0), y(0), x(1), y(1))
    return drawing(area + axes + guide + curve + mark, SIDE, SIDE, says, "chart")


def tenth(points: list[dict]) -> dict | None:
    """The point of the gain curve at the first tenth of the rows, when there is one near it."""
    near = min(points, key=lambda point: abs(point["share_of_rows"] - 0.1), default=None)
    return near if near and abs(near["share_of_rows"] - 0.1) <= 0.02 else None


def interval_strip(
    value: float,
    low: float,
    high: float,
    domain: tuple[float, float],
    guide: float | None = None,
    width: int = 84,
    kind: str = "",
) -> str:
    """A dot and its interval on a shared scale; decoration beside the printed number."""
    x = linear(*domain, 4, width - 4)
    left, right, dot = (_clipped(x(at), width) for at in (low, high, value))
    at_guide = "" if guide is None else line("guide", x(guide), 0, x(guide), 14)
    return (
        f'<svg class="strip {kind}" width="{width}" height="14" viewBox="0 0 {width} 14" '
        f'aria-hidden="true">{line("track", 0, 7, width, 7)}{at_guide}'
        f"{line('whisker', left, 7, right, 7)}"
        f'<circle class="dot" cx="{pixel(dot)}" cy="7" r="3.4"/></svg>'
    )


def hour_bars(shares: list[float], color: str, says: str) -> str:
    """24 bars, one per hour, tallest full height; a broken colour falls back to the page's own."""
    width, height = 360, 68
    highest = max(shares, default=0) or 1.0
    step = width / max(len(shares), 1)
    bars = "".join(
        f'<rect x="{pixel(index * step + 0.8)}" y="{pixel(height - height * value / highest)}" '
        f'width="{pixel(step - 1.6)}" height="{pixel(height * value / highest)}"/>'
        for index, value in enumerate(shares)
    )
    hours = "".join(
        f'<text class="tick" x="{pixel(hour * step)}" y="{height + 16}">{hour:02d}</text>'
        for hour in HOURS
    )
    ground = line("axis", 0, height, width, height)
    return drawing(
        f'<g fill="{safe_color(color)}">{bars}</g>{ground}{hours}',
        width,
        height + 20,
        says,
        "hours",
    )


def safe_color(color: object) -> str:
    """The colour if it is plainly one, so a definition cannot smuggle in style."""
    return color if isinstance(color, str) and COLOR.match(color) else "currentColor"


def _plane(high: float, root: bool) -> tuple[Scale, Scale]:
    return (
        linear(0, high, LEFT, SIDE - RIGHT, root),
        linear(0, high, SIDE - BOTTOM, TOP, root),
    )


def _root_ticks(high: float) -> list[float]:
    """Round numbers whose roots are roughly evenly apart."""
    wanted = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
    kept = [0.0]
    for tick in wanted:
        if tick <= high and math.sqrt(tick / high) - math.sqrt(kept[-1] / high) >= 0.1:
            kept.append(tick)
    return kept


def _axes(x: Scale, y: Scale, shown: list[float], across: str, up: str) -> str:
    left, right, floor, ceiling = LEFT, SIDE - RIGHT, SIDE - BOTTOM, TOP
    parts = []
    for tick in shown:
        label = f"{100 * tick:.3g}"
        parts.append(line("grid", left, y(tick), right, y(tick)))
        parts.append(
            f'<text class="tick up" x="{left - 8}" y="{pixel(y(tick) + 4)}">{label}</text>'
        )
        parts.append(
            f'<text class="tick across" x="{pixel(x(tick))}" y="{floor + 18}">{label}</text>'
        )
    parts.append(line("axis", left, floor, right, floor))
    middle = (left + right) / 2
    parts.append(
        f'<text class="label" x="{pixel(middle)}" y="{SIDE - 6}">{escape(across)}, %</text>'
    )
    at = pixel((floor + ceiling) / 2)
    parts.append(
        f'<text class="label" transform="translate(12 {at}) rotate(-90)">{escape(up)}, %</text>'
    )
    return "".join(parts)


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """A straight line of one kind, coloured by the page's style."""
    places = (f'{name}="{pixel(at)}"' for name, at in zip(ENDS, (x1, y1, x2, y2), strict=True))
    return f'<line class="{kind}" {" ".join(places)}/>'


def _clipped(at: float, width: int) -> float:
    return min(max(at, 1.0), width - 1.0)


def pixel(number: float) -> str:
    """A coordinate to a tenth of a pixel: ``12.3``, ``7``."""
    return f"{number:.1f}".removesuffix(".0")
