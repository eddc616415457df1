"""How soon a newcomer is known: accuracy and calibration along the evidence, drawn and said."""

from html import escape

from ml.report.charts import Scale, drawing, line, linear, pixel, ticks
from ml.report.figures import interval
from ml.report.words import count, known, share
from ml.segments.newcomers import curve

WIDTH, HEIGHT = 400, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 26, 44


def evidence(evaluation: dict) -> dict:
    """Two charts and a sentence, or none and the reasons."""
    told = curve(evaluation)
    points = [one for one in told["points"] if known(one["accuracy"]["value"])]
    if len(points) < 2:
        return {"charts": [], "sentence": "", "notes": told["notes"]}
    return {
        "charts": [
            _chart(points, "accuracy", "Is it right?", "Share of listeners in the right segment"),
            _chart(points, "calibration_error", "Is it as sure as it may be?",
                   "Distance between what was promised and what came true; 0 is honest"),
        ],
        "sentence": _in_words(points),
        "notes": told["notes"],
    }  # fmt: skip


def _in_words(points: list[dict]) -> str:
    first, last = points[0], points[-1]
    at, end = first["accuracy"]["value"], last["accuracy"]["value"]
    return (
        f"After {first['evidence']} the assignment is right for {share(at, 0)} of listeners, and "
        f"for {share(end, 0)} with {last['evidence']} in sight. Right means the segment that their "
        "whole 28 days put them in."
    )


def _chart(points: list[dict], key: str, title: str, about: str) -> dict:
    shown = [one for one in points if known(one[key]["value"])]
    says = "; ".join(f"{one['evidence']} {share(one[key]['value'])}" for one in shown)
    return {"title": title, "chart": steps(shown, key, f"{title} {says}"), "about": about}


def steps(points: list[dict], key: str, says: str) -> str:
    """A dot with its interval per amount of evidence, joined by a line; percent upwards."""
    high = 1.0 if key == "accuracy" else _highest(points, key)
    y = linear(0, high, HEIGHT - BOTTOM, TOP)
    step = (WIDTH - LEFT - RIGHT) / max(len(points), 1)
    at = [LEFT + step * (place + 0.5) for place in range(len(points))]
    joined = " ".join(
        f"{pixel(x)},{pixel(y(one[key]['value']))}" for x, one in zip(at, points, strict=True)
    )
    dots = "".join(_dot(x, one[key], y) for x, one in zip(at, points, strict=True))
    labels = "".join(_labels(x, one) for x, one in zip(at, points, strict=True))
    body = f'{_grid(high, y)}<polyline class="promise" points="{joined}"/>{dots}{labels}'
    return drawing(body, WIDTH, HEIGHT, says, "chart wide")


def _highest(points: list[dict], key: str) -> float:
    ends = [at[2] for one in points if (at := interval(one[key]))]
    return max([*ends, 0.02]) * 1.08


def _dot(x: float, figure: dict, y: Scale) -> str:
    value, low, high = interval(figure) or (0.0, 0.0, 0.0)
    whisker = line("whisker", x, y(low), x, y(high)) if high > low else ""
    dot = f'<circle class="dot" cx="{pixel(x)}" cy="{pixel(y(value))}" r="4.2"/>'
    above = f'<text class="note middle" x="{pixel(x)}" y="{pixel(y(high) - 9)}">'
    return f"{whisker}{dot}{above}{share(value)}</text>"


def _labels(x: float, one: dict) -> str:
    floor = HEIGHT - BOTTOM
    return (
        f'<text class="tick across" x="{pixel(x)}" y="{floor + 17}">{escape(one["evidence"])}'
        f'</text><text class="tick across faint" x="{pixel(x)}" y="{floor + 34}">'
        f"{count(one['rows'])} rows</text>"
    )


def _grid(high: float, y: Scale) -> str:
    lines = [
        line("grid", LEFT, y(tick), WIDTH - RIGHT, y(tick))
        + f'<text class="tick up" x="{LEFT - 7}" y="{pixel(y(tick) + 4)}">{100 * tick:.3g} %</text>'
        for tick in ticks(high, 4)
    ]
    return "".join(lines) + line("axis", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM)
