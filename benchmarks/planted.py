"""A made-up matrix of ad opportunities: rates, counts and words, some of which matter."""

import datetime as dt

import numpy as np
import pandas as pd

from ml.families.ad_targeting import AD_TARGETING
from ml.family import ModelRecipe

NUMBERS = tuple(f"number_{at:02d}" for at in range(55))
WORDS = tuple(f"word_{at}" for at in range(5))
FIRST = dt.date(2026, 1, 1)

RECIPE = ModelRecipe(
    objective="binary", features=(*NUMBERS, *WORDS), categorical=WORDS,
    parameters=AD_TARGETING.model.parameters, rounds=100, patience=100,
)
"""The parameters of ad targeting, for as many rounds as are asked for."""


def day_of_examples(number: int, rows: int, base: float = -4.0) -> pd.DataFrame:
    """Examples of day ``number``: listener, impression, moment, label and 60 features.

    Ten of the numbers and two of the words move the log odds; the others say nothing.
    """
    random = np.random.default_rng([7, number])
    numbers = {name: _number(random, at, rows) for at, name in enumerate(NUMBERS)}
    words = {name: random.zipf(1.5, rows) % (8 * 2**at) for at, name in enumerate(WORDS)}
    odds = base + sum(0.4 * (numbers[name] - numbers[name].mean()) for name in NUMBERS[::6])
    odds = odds + 0.6 * numbers["number_00"] * numbers["number_12"] + 0.5 * (words["word_2"] % 3)
    day = pd.Timestamp(FIRST) + pd.Timedelta(days=number)
    seconds = pd.to_timedelta(np.sort(random.integers(0, 86_400_000, rows)), unit="ms")
    listeners = random.integers(0, 200_000, rows)
    return pd.DataFrame(
        {
            "listener": pd.Series([f"{one * 2654435761:016x}" for one in listeners], dtype="str"),
            "impression": pd.Series([f"{number:03d}-{at:08d}" for at in range(rows)], dtype="str"),
            "moment": (day + seconds).astype("datetime64[ms]"),
            "label": (random.random(rows) < 1 / (1 + np.exp(-odds))).astype("int64"),
            **numbers,
            **{name: pd.Series(code.astype("str"), dtype="str") for name, code in words.items()},
        }
    )


def _number(random: np.random.Generator, at: int, rows: int) -> np.ndarray:
    """A rate, a count, or a measure that is often missing, as float32."""
    if at % 3 == 0:
        return random.normal(0, 1, rows).astype("float32")
    if at % 3 == 1:
        return random.poisson(3, rows).astype("float32")
    found = random.beta(2, 30, rows).astype("float32")
    return np.where(random.random(rows) < 0.3, np.float32(np.nan), found)
