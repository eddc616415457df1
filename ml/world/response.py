"""What makes a listener click: the planted truth of advertising, one logit with named parts."""

import numpy as np
import pandas as pd

from ml.world import chance
from ml.world.adverts import SLOTS, Adverts
from ml.world.habits import HABITS, MOODS
from ml.world.population import Population
from ml.world.world import World

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

INTERCEPT = -3.56
FATIGUE = -0.45
"""Per logarithm of one plus the times the same advert was met in the last seven days."""
POSITION = -0.28
"""Per place in the break."""
AFFINITY = 0.50
"""Spread of what a segment thinks of a campaign."""
HOURS = (-.2, -.2, -.2, -.2, -.2, -.2, -.1, -.1, -.1, 0, 0, 0, .1, 0, 0, 0, .1, .2,
         .55, .55, .55, .55, .4, 0)  # fmt: skip
MOOD = {"energetic": 0.30, "happy": 0.25, "calm": -0.10, "sad": -0.30, "focus": -0.40,
        "unknown": 0.0}  # fmt: skip
SLOT = {"preroll": -0.55, "midroll": -0.30, "now_playing": 0.35, "home": 0.05, "takeover": 0.80}


def parts(world: World, people: Population, ads: Adverts, shown: pd.DataFrame) -> pd.DataFrame:
    """The parts of every impression's click logit; their sum is the truth."""
    habit, ad = shown["habit"].to_numpy(), shown["ad"].to_numpy()
    hour = (shown["at"].to_numpy() // HOUR_MS) % 24
    return pd.DataFrame(
        {
            "intercept": INTERCEPT,
            "hour": np.array(HOURS)[hour],
            "mood": np.array([MOOD[mood] for mood in MOODS])[shown["mood"]],
            "slot": np.array([SLOT[slot] for slot in SLOTS])[shown["slot"]],
            "position": POSITION * shown["position"].to_numpy(),
            "fatigue": FATIGUE * np.log1p(shown["met"].to_numpy()),
            "segment": np.array([each.click for each in HABITS])[habit],
            "affinity": AFFINITY * affinity(world, habit, ads.campaign[ad]),
            "ad": ads.quality[ad],
            "listener": people.propensity[shown["listener"]],
        },
        index=shown.index,
    )


def affinity(world: World, habit: np.ndarray, campaign: np.ndarray) -> np.ndarray:
    """What a segment thinks of a campaign, in standard deviations."""
    return chance.normal(world.seed, habit, campaign, 31)


def probability(logit_parts: pd.DataFrame) -> np.ndarray:
    """The chance of a click."""
    return 1.0 / (1.0 + np.exp(-logit_parts.to_numpy().sum(axis=1)))
