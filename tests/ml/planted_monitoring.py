"""Days of planted rows for monitoring: features that vary as real ones do, and nothing else."""

import datetime as dt

import numpy as np
import pandas as pd

from ml.family import ModelRecipe
from ml.monitoring.histograms import count_features

FIRST = dt.date(2026, 1, 1)
ROWS = 600
NUMBERS = ("plays", "share", "age_days", "rate", "score_1d", "hour")
RECIPE = ModelRecipe("binary", features=(*NUMBERS, "device"), categorical=("device",))


def date(number):
    return FIRST + dt.timedelta(number)


def rows(number, shift=None, rows=ROWS):
    """The rows of a day; the days differ at random, and weekends always. ``shift`` changes it."""
    dice = np.random.default_rng(100 + number)
    weekend, mood = date(number).weekday() >= 5, dice.normal(0, 0.05)
    frame = pd.DataFrame({
        "listener": [f"l{one}" for one in dice.integers(0, 300, rows)],
        "plays": dice.poisson(6 * np.exp(mood) * (1.4 if weekend else 1.0), rows),
        "share": np.where(dice.random(rows) < 0.3, 0.0, dice.beta(2, 5, rows)),
        "age_days": dice.lognormal(4 + mood, 1.0, rows),
        "rate": dice.beta(2, 30, rows),
        "score_1d": np.where(dice.random(rows) < 0.1, np.nan, dice.normal(0, 1, rows)),
        "hour": dice.choice(24, rows, p=_hours(weekend)),
        "device": dice.choice(["phone", "speaker", "car"], rows, p=[0.6, 0.3, 0.1]),
    })  # fmt: skip
    return frame if shift is None else shift(frame)


def counts(number, shift=None):
    """The same day as counts."""
    return count_features([rows(number, shift)], recipe=RECIPE)


def _hours(weekend):
    weights = np.array([1 + (hour > 8) + (hour > 17) * (1 if weekend else 2) for hour in range(24)])
    return weights / weights.sum()
