"""How often it happens along a column: seen and promised, drawn and said."""

# Typographic quotes, dashes and signs are meant.
# ruff: noqa: RUF001, RUF002

from html import escape
from typing import Any

from ml.report.charts import drawing, line, linear, pixel, ticks
from ml.report.words import compact, known, plural, share

WIDTH, HEIGHT = 400, 210
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 12, 26
MOST_LABELS = 12


def responses(evaluation: dict) -> list[dict]:
    """Each curve with its title, drawing, and what it shows in a sentence."""
    sure = evaluation.get("objective") == "multiclass"
    return [_response(curve, sure) for curve in evaluation.get("curves") or []]


def _response(curve: dict, sure: bool) -> dict:
    points = [point for point in curve["points"] if known(point["observed"].get("value"))]
    says = _says(points, sure)
    return {
        "title": curve["title"],
        "chart": response_curve(points, f"{curve['title']}. {says}"),
        "caption": says,
    }


def response_curve(points: list[dict], says: str) -> str:
    """Dots with intervals for what happened, a line for what was predicted."""
    y = linear(0, _highest(points), HEIGHT - BOTTOM, TOP)
    step = (WIDTH - LEFT - RIGHT) / max(len(points), 1)
    at = [LEFT + step * (index + 0.5) for index in range(len(points))]
    promised = " ".join(
        f"{pixel(x)},{pixel(max(y(p['predicted']['value']), TOP))}"
        for x, p in zip(at, points, strict=True)
    )
    seen = "".join(_seen(x, point, y) for x, point in zip(at, points, strict=True))
    body = _axes(points, at, y) + f'<polyline class="promise" points="{promised}"/>' + seen
    return drawing(body, WIDTH, HEIGHT, says, "chart wide")


def _seen(x: float, point: dict, y: Any) -> str:
    figure = point["observed"]
    dot = (
        f'<circle class="dot" cx="{pixel(x)}" cy="{pixel(max(y(figure["value"]), TOP))}" r="3.6"/>'
    )
    if not known(figure.get("low")):
        return dot
    return line("whisker", x, y(figure["low"]), x, max(y(figure["high"]), TOP)) + dot


def _highest(points: list[dict]) -> float:
    """Room for every dot, and for intervals unless one is so wide that the dots would drown."""
    dots = [max(p["observed"]["value"], p["predicted"]["value"]) for p in points]
    ends = [p["observed"]["high"] for p in points if known(p["observed"].get("high"))]
    return min(max([*dots, *ends]), 2 * max(dots)) * 1.04 or 1.0


def _axes(points: list[dict], at: list[float], y: Any) -> str:
    floor, parts = HEIGHT - BOTTOM, []
    for tick in ticks(_highest(points), 4):
        label = f"{100 * tick:.3g} %" if tick else "0"
        parts.append(line("grid", LEFT, y(tick), WIDTH - RIGHT, y(tick)))
        parts.append(
            f'<text class="tick up" x="{LEFT - 7}" y="{pixel(y(tick) + 4)}">{label}</text>'
        )
    every = -(-len(points) // MOST_LABELS)
    for x, point in list(zip(at, points, strict=True))[::every]:
        words = f'<text class="tick across" x="{pixel(x)}" y="{floor + 17}">'
        parts.append(f"{words}{escape(_named(point))}</text>")
    parts.append(line("axis", LEFT, floor, WIDTH - RIGHT, floor))
    return "".join(parts)


def _named(point: dict) -> str:
    """``3``, or ``5–12`` for a point that stands for several values."""
    first, last = (at if isinstance(at, str) else compact(at) for at in
                   (point["first"], point["last"]))  # fmt: skip
    return first if first == last else f"{first}–{last}"


def _says(points: list[dict], sure: bool) -> str:
    best = max(points, key=lambda point: point["observed"]["value"])
    least = min(points, key=lambda point: point["observed"]["value"])
    inside = sum(_kept(point) for point in points)
    what = "Right" if sure else "Seen"
    return (
        f"{what} most often at {_named(best)} ({share(best['observed']['value'])}), least at "
        f"{_named(least)} ({share(least['observed']['value'])}). What was predicted lies within "
        f"the interval of what happened at {inside} of {plural(len(points), 'point')}."
    )


def _kept(point: dict) -> bool:
    low, high = point["observed"].get("low"), point["observed"].get("high")
    return known(low) and known(high) and low <= point["predicted"]["value"] <= high
