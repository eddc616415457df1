"""What rain and soil make of each other."""

import fertilizer
import gnomes

from garden.marks import never_below
from garden.weather import Cloud, evaporate


@never_below(1)
def water(beds, rainfall):
    """Millimetres left in each bed."""
    left = evaporate(rainfall["mm"])
    return {bed["name"]: left + Cloud(bed["humus"]).shade() for bed in beds}


def grow(beds, week, thirst, patience=2):
    """Grams grown in each bed."""
    total = sum(day["mm"] for day in week)
    return {bed["name"]: fertilizer.boost(total * bed["humus"]) // thirst + patience
            for bed in beds}


def decorate():
    """Nobody bakes with this, so its library matters to nobody."""
    return gnomes.paint()
