"""Reading what others wrote."""

import json
from pathlib import Path

from garden import weather


def layout(soil: Path):
    """The beds of the garden, the richest first."""
    found = json.loads(soil.read_text())
    return sorted(found, key=lambda bed: -bed["humus"])


def measure(rain: Path):
    """Whole millimetres of a day's rain; the gauge's tenths are noise."""
    readings = json.loads(rain.read_text())
    return {"mm": round(sum(readings) * weather.PER_READING)}
