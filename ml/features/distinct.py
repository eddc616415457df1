"""How many different things were seen, from a sketch that adds up over days.

A window's distinct tracks are not the sum of its days' distinct tracks, and keeping every track
of every day would make a summary as large as the log. Linear counting (Whang, Vander-Zanden and
Taylor 1990) keeps a small bitmap instead: each thing sets one bit, bitmaps of days are joined
with OR, and the share of bits that stayed zero tells how many things there were. With
1,024 bits the standard error is 2.5 % at 500 different things, 3 % at 1,500 and 5 % at 3,000; it
saturates near 7,000.
"""

import numpy as np
import pandas as pd

WORDS = 16
BITS = 64 * WORDS
SKETCH = tuple(f"heard_{word}" for word in range(WORDS))


def sketch(groups: np.ndarray, things: pd.Series, count: int) -> np.ndarray:
    """The bitmap of each group's ``things``: (count, WORDS) int64, ``groups`` in 0..count-1."""
    codes, names = pd.factorize(things)
    hashed = pd.util.hash_array(np.asarray(names, dtype=object), categorize=False)
    position = (hashed % np.uint64(BITS))[codes]
    bit = np.uint64(1) << (position % np.uint64(64))
    bitmaps = np.zeros((count, WORDS), dtype=np.uint64)
    np.bitwise_or.at(bitmaps, (groups, (position // np.uint64(64)).astype(np.int64)), bit)
    return bitmaps.view(np.int64)


def join(groups: np.ndarray, bitmaps: np.ndarray, count: int) -> np.ndarray:
    """The OR of the bitmaps (rows, WORDS) of each group: (count, WORDS) int64."""
    joined = np.zeros((count, WORDS), dtype=np.int64)
    np.bitwise_or.at(joined, groups, bitmaps)
    return joined


def estimate(bitmaps: np.ndarray) -> np.ndarray:
    """About how many different things set the bits of each row: (rows,) float64.

    -m ln(z / m), with z of the m bits still zero (Whang et al. 1990, equation 2); a full bitmap
    counts as if one bit were left.
    """
    zeros = BITS - np.bitwise_count(bitmaps.view(np.uint64)).sum(axis=1, dtype=np.int64)
    return -BITS * np.log(np.maximum(zeros, 1) / BITS)
