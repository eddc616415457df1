"""``python -m ml.world``: the world's figures beside those of real services."""

import datetime as dt
import sys

from ml.world.marginals import MARGINALS
from ml.world.measure import measure
from ml.world.world import World

DAYS = 14


def table(world: World, first: dt.date, count: int) -> str:
    """What, real, world, and whether the world is near: one line a figure."""
    figures = measure(world, first, count)
    lines = [f"{'what':<66}{'real':<46}{'world':<24}near"]
    for each in MARGINALS:
        mine = figures[each.key]
        near = all(
            low <= value <= high
            for low, value, high in zip(each.low, mine, each.high, strict=True)
        )
        shown = " / ".join(f"{value:.3g}" for value in mine)
        lines.append(f"{each.meaning:<66}{each.real:<46}{shown:<24}{'yes' if near else 'no'}")
    return "\n".join(lines)


if __name__ == "__main__":
    listening = World()
    start = listening.first_day + dt.timedelta(20)
    sys.stdout.write(table(listening, start, DAYS) + "\n")
