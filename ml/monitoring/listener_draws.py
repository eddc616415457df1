"""Bootstrap draws of listeners that are the same on every day and in every shard, so they add.

Each listener's Poisson(1) weights (the online form of the bootstrap, as in ml.intervals) come from
a hash of the pseudonym instead of from a generator. So the weighted sums of a day's draws are all
that has to be kept of it: a window's draws are the sums of its days' draws, and a listener who is
there on many days is drawn on all of them or on none.
"""

import numpy as np
import pandas as pd

from ml.intervals import Resampling

DRAWS = 200
_ODD = np.uint64(0x9E3779B97F4A7C15)
_POISSON = np.cumsum([0.36787944117144233, 0.36787944117144233, 0.18393972058572117,
                      0.06131324019524039, 0.015328310048810098, 0.0030656620097620196,
                      0.0005109436682936699, 7.299195261338141e-05])  # fmt: skip
"""The distribution function of Poisson(1), up to 7: more is one in a million."""


def resample_by_hash(listeners: pd.Series, draws: int = DRAWS) -> Resampling:
    """Draw weights for listeners by their pseudonyms; the order of rows does not matter."""
    codes, unique = pd.factorize(listeners, sort=True)
    hashed = pd.util.hash_array(np.asarray(unique, dtype=object), categorize=False)
    weights = np.empty((draws, len(unique)), dtype=np.uint8)
    for draw in range(draws):
        weights[draw] = np.searchsorted(_POISSON, _uniform(hashed, draw))
    return Resampling(codes, weights)


def _uniform(hashed: np.ndarray, draw: int) -> np.ndarray:
    """Numbers between 0 and 1 from hashes (the mixing function of splitmix64, Steele 2014)."""
    with np.errstate(over="ignore"):
        mixed = hashed + np.uint64(draw + 1) * _ODD
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed ^ (mixed >> np.uint64(31))) / 2.0**64
