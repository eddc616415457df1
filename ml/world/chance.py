"""Chance that depends on the seed, the day and the purpose alone, never on what ran before."""

import numpy as np

SESSIONS, PLAYS, ADVERTS, POPULATION, CATALOGUE, BREAKS = range(1, 7)

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def stream(seed: int, purpose: int, day: int = 0) -> np.random.Generator:
    """A generator of its own for every purpose and every day (a day's ordinal)."""
    return np.random.default_rng([seed, purpose, day])


def unit(*parts: np.ndarray | int) -> np.ndarray:
    """A number in [0, 1) that is a pure function of integers: the same ones, the same number.

    SplitMix64's finaliser (Steele, Lea, Flood 2014) chained over ``parts``.
    """
    state: np.ndarray = np.zeros((), dtype="uint64")
    with np.errstate(over="ignore"):
        for part in parts:
            state = _finalise((np.asarray(part).astype("int64").astype("uint64") ^ state) + _STEP)
    return (state >> np.uint64(11)) * 2.0**-53


def normal(*parts: np.ndarray | int) -> np.ndarray:
    """A standard normal that is a pure function of integers (Box and Muller 1958)."""
    radius = np.sqrt(-2.0 * np.log1p(-unit(*parts, 1)))
    return radius * np.cos(2.0 * np.pi * unit(*parts, 2))


def pick(cumulative: np.ndarray, row: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """For every draw, the category it falls into, by row ``row`` of cumulative shares."""
    return (draws[:, None] >= cumulative[row][:, :-1]).sum(axis=1)


def _finalise(value: np.ndarray) -> np.ndarray:
    value = (value ^ (value >> np.uint64(30))) * _MIX_1
    value = (value ^ (value >> np.uint64(27))) * _MIX_2
    return value ^ (value >> np.uint64(31))
