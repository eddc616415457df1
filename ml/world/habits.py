"""The planted segments: six ways to listen, each a row of habits a person could describe.

They are what segmentation should find. Hours are given as bumps (centre, width, weight) and then
fitted so that all listeners together follow the hour profile of a real service.
"""

from dataclasses import dataclass

import numpy as np

GENRES = ("pop", "rock", "hip hop", "electronic", "indie", "classical", "ambient", "jazz",
          "latin", "metal", "folk", "children")  # fmt: skip
MOODS = ("energetic", "happy", "calm", "sad", "focus", "unknown")
CONTEXTS = ("playlist", "album", "radio", "search", "library")
DEVICES = ("phone", "speaker", "desktop", "tablet", "car")

# Share of plays by local hour, on a real service (see marginals.py).
HOUR_SHARES = (
    .028, .017, .009, .006, .005, .005, .008, .021, .034, .045, .057, .064,
    .064, .066, .065, .065, .064, .064, .061, .058, .054, .052, .048, .039,
)  # fmt: skip


# Share of sessions by the hour they begin in, fitted once so that the plays follow HOUR_SHARES:
# a session begins before most of its plays, the long ones in the evening long before.
START_SHARES = (
    .0061, .0014, .0005, .0005, .0005, .0008, .0061, .0315, .0552, .0625, .0799, .0885,
    .0768, .0759, .0630, .0628, .0658, .0688, .0551, .0540, .0492, .0446, .0323, .0184,
)  # fmt: skip


@dataclass(frozen=True)
class Habit:
    """One planted segment. Shares follow GENRES, MOODS, CONTEXTS and DEVICES."""

    name: str
    share: float
    active: float
    sessions: float
    tracks: float
    skip: float
    repeat: float
    weekend: float
    click: float
    bumps: tuple[tuple[float, float, float], ...]
    genres: tuple[float, ...]
    moods: tuple[float, ...]
    contexts: tuple[float, ...]
    devices: tuple[float, ...]


HABITS = (
    Habit("commuters", .26, .78, 2.3, 7.5, .30, .80, .70, .00,
          ((8, 1.2, 3.0), (17.5, 1.4, 3.0), (13, 4, .6)),
          (5, 4, 3, 1, 2, .3, .2, .5, 2, .5, .7, .1), (3, 4, 2, 1, 1, 1), (6, 1, 2, .5, 2),
          (7, .2, .4, .2, 3)),
    Habit("workout", .14, .66, 1.4, 13, .34, .84, 1.0, .15,
          ((7, 1.3, 1.5), (18.5, 1.4, 3.5), (12, 3, .5)),
          (3, 1, 6, 6, .5, .1, .1, .1, 2, 2, .1, .1), (9, 2, .2, .1, .5, .6), (8, .5, 1, .5, 1),
          (9, .5, .3, .2, .5)),
    Habit("sleepers", .12, .82, 1.2, 17, .08, .93, 1.0, -1.5,
          ((22.5, 1.2, 5.0), (0.5, 1.5, 2.0), (14, 4, .4)),
          (.4, .2, .2, .6, .6, 4, 8, 1.5, .1, .1, 1, .2), (.1, .3, 8, .8, 2, .7), (7, 2, 1, .2, 1),
          (4, 5, .3, 2, .1)),
    Habit("party", .15, .52, 1.6, 14, .44, .70, 2.0, -.10,
          ((20.5, 2.0, 4.0), (0, 1.5, 1.2), (16, 3, .7)),
          (5, 1, 5, 5, .5, .1, .1, .1, 4, .3, .1, .1), (5, 6, .2, .2, .2, .9), (5, .5, 2, 3, 1),
          (4, 5, 2, .4, .5)),
    Habit("explorers", .19, .86, 3.2, 12, .26, .45, .95, .30,
          ((11, 3, 1.6), (15.5, 3, 1.8), (20.5, 2, 1.0)),
          (1.5, 4, 1, 3, 6, 1, .8, 3, .7, 1.5, 2, .1), (2, 2, 2, 2, 4, 1), (2, 6, 1, 4, 2),
          (3, 1.5, 6, .6, .3)),
    Habit("families", .14, .72, 2.1, 9, .36, .88, 1.25, .10,
          ((9.5, 2, 1.5), (16, 2, 2.5), (18.5, 1.2, 2.0)),
          (4, 1, .4, .4, .4, .4, .2, .3, 1.5, .1, 1, 8), (2, 7, 2, .3, .3, .8), (6, 2, 1.5, 1, 1),
          (3, 5, .4, 4, 1.5)),
)  # fmt: skip


def shares(rows: list[tuple[float, ...]]) -> np.ndarray:
    """Rows of weights as rows of shares."""
    weights = np.array(rows, dtype="float64")
    return weights / weights.sum(axis=1, keepdims=True)


def hour_profiles() -> np.ndarray:
    """Share of sessions by hour for every habit (habits, 24); together they give HOUR_SHARES.

    Iterative proportional fitting (Deming and Stephan 1940) of the bumps to the known totals.
    """
    weight = np.array([habit.share * habit.active * habit.sessions * habit.tracks
                       for habit in HABITS])  # fmt: skip
    table = np.array([_bumps(habit) for habit in HABITS])
    target = np.array(START_SHARES)
    target = target / target.sum()
    for _ in range(40):
        table *= (weight / weight.sum() / table.sum(axis=1))[:, None]
        table *= (target / table.sum(axis=0))[None, :]
    return table / table.sum(axis=1, keepdims=True)


def _bumps(habit: Habit) -> np.ndarray:
    hours = np.arange(24) + 0.5
    total = np.full(24, 0.25)
    for center, width, weight in habit.bumps:
        away = np.abs(hours - center)
        away = np.minimum(away, 24 - away)
        total += weight * np.exp(-0.5 * (away / width) ** 2)
    return total
