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


def columns(name: str) -> tuple[str, ...]:
    """The names of a bitmap's words in a table: ``heard_0`` and so on."""
    return tuple(f"{name}_{word}" for word in range(WORDS))


def sketch(groups: np.ndarray, things: pd.Series, count: int) -> np.ndarray:
    """The bitmap of each group's ``things``: (count, WORDS) int64, ``groups`` in 0..count-1.

    A missing thing sets no bit.
    """
    known = things.notna().to_numpy()
    groups, things = groups[known], things[known]
    codes, names = pd.factorize(things)
    hashed = pd.util.hash_array(np.asarray(names, dtype=object), categorize=False)
    position = (hashed % np.uint64(BITS))[codes]
    bit = np.uint64(1) << (position % np.uint64(64))
    word = groups * WORDS + (position // np.uint64(64)).astype(np.int64)
    bitmaps = np.zeros(count * WORDS, dtype=np.uint64)
    np.bitwise_or.at(bitmaps, word, bit)
    return bitmaps.view(np.int64).reshape(count, WORDS)


def join(groups: np.ndarray, bitmaps: np.ndarray, count: int) -> np.ndarray:
    """The OR of the bitmaps (rows, WORDS) of each group: (count, WORDS) int64."""
    joined = np.zeros((count, WORDS), dtype=np.int64)
    order = np.argsort(groups, kind="stable")
    found, starts = np.unique(groups[order], return_index=True)
    if len(found):
        joined[found] = np.bitwise_or.reduceat(bitmaps[order], starts, axis=0)
    return joined


def estimate(bitmaps: np.ndarray) -> np.ndarray:
    """About how many different things set the bits of each row: (rows,) float64.

    -m ln(z / m), with z of the m bits still zero (Whang et al. 1990, equation 2); a full bitmap
    counts as if one bit were left.
    """
    zeros = BITS - np.bitwise_count(bitmaps.view(np.uint64)).sum(axis=1, dtype=np.int64)
    return BITS * np.log(BITS / np.maximum(zeros, 1))


def estimate_new(bitmaps: np.ndarray, before: np.ndarray) -> np.ndarray:
    """About how many different things set bits in ``bitmaps`` and were not in ``before``: (rows,).

    Only the bits that ``before`` left at zero can tell; of those, the share that was set counts
    the new things as `estimate` counts all, so what is known already adds no error.
    """
    free = ~before.view(np.uint64)
    fresh = np.bitwise_count(bitmaps.view(np.uint64) & free).sum(axis=1, dtype=np.int64)
    room = np.maximum(np.bitwise_count(free).sum(axis=1, dtype=np.int64), 1)
    return BITS * np.log(room / np.maximum(room - fresh, 1))
