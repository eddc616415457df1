"""Helpers that other modules reach."""

PER_READING = 1

HEAT = 3


def evaporate(mm):
    """What is left of the rain in the evening."""
    # Nothing evaporates by night.
    return mm - warmth(HEAT)


def warmth(degrees):
    """How much a day's heat takes away."""
    return degrees * 2


class Cloud:
    """A cloud over a bed."""

    cover = 4

    def __init__(self, size):
        self.size = size

    def shade(self):
        """How much a cloud keeps in the bed."""
        return self.size + self.cover
