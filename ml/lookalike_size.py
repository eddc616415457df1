"""How many seeds a lookalike needs, and how many listeners it has."""

import math

FEWEST_SEEDS = 50
"""Fewer say too little: each fold's calibration sees a tenth of them."""


def seeds_needed(used: int, minimum: int) -> str:
    """Why so many usable seeds are too few; "" when they are enough.

    A lookalike describes its seeds, so they must be as many as an audience, too.
    """
    needed = max(FEWEST_SEEDS, minimum)
    if used >= needed:
        return ""
    return (
        f"not published: fewer than {needed:,} seeds are consenting listeners with enough plays; "
        "give a longer list"
    )


def others_needed(others: int, minimum: int) -> str:
    """Why so few listeners who are no seeds are too few; "" when they are enough."""
    needed = max(FEWEST_SEEDS, minimum)
    few = f"not published: fewer than {needed:,} consenting listeners are not seeds themselves"
    return "" if others >= needed else few


def places(reach: float | int, everybody: int) -> int:
    """The wanted number of listeners: of a share, rounded up.

    >>> places(0.1, 30), places(500, 30)
    (3, 500)
    """
    # A tenth of 30 is 3, but 0.1 * 30 is a little more.
    return math.ceil(round(reach * everybody, 9)) if reach < 1 else int(reach)
