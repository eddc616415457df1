"""A line the height of a word: how a share moved over the last nights."""

from ml.report.charts import drawing, linear, pixel, safe_color

WIDTH, HEIGHT, EDGE = 132, 30, 4
LEAST_RANGE = 0.02
"""A share that moved less is drawn as the flat line it is."""


def sparkline(shares: list[float], color: str, says: str) -> str:
    """The shares, oldest first, on a scale of their own, and a dot for tonight."""
    low, high = min(shares), max(shares)
    spare = max(LEAST_RANGE - (high - low), 0.0) / 2
    x = linear(0, len(shares) - 1, EDGE, WIDTH - EDGE)
    y = linear(low - spare, high + spare, HEIGHT - EDGE, EDGE)
    points = [(x(place), y(value)) for place, value in enumerate(shares)]
    path = " ".join(f"{pixel(across)},{pixel(up)}" for across, up in points)
    (across, up), paint = points[-1], safe_color(color)
    dot = f'<circle cx="{pixel(across)}" cy="{pixel(up)}" r="3.2" fill="{paint}"/>'
    line = f'<polyline points="{path}" stroke="{paint}"/>'
    return drawing(line + dot, WIDTH, HEIGHT, says, "spark")
