"""Whether friends are of the same segment more often than chance would have it.

Friendships are not looked at when segments are made, so they can say from outside whether
segments are about people: birds of a feather flock together (McPherson, Smith-Lovin and Cook
2001). How alike friends are by chance depends on the sizes of segments and on who has many
friends; both are held fixed.
"""

import numpy as np
import pandas as pd

from ml.intervals import interval, resample
from ml.metrics import number
from ml.segments.assignment import UNKNOWN

DRAWS = 500


def between(
    membership: list[pd.DataFrame], friendships: list[pd.DataFrame], *, seed: int = 7
) -> dict:
    """:func:`homophily` of the shards of a night's membership and of the friendships."""
    return homophily(pd.concat(membership), pd.concat(friendships), seed)


def homophily(membership: pd.DataFrame, friendships: pd.DataFrame, seed: int) -> dict:
    """``{pairs, same, expected, ratio, low, high, left_out}`` of the pairs of friends.

    ``membership`` has a ``segment`` for each listener, ``friendships`` a listener and a ``friend``
    in each row; a pair counts once, whichever side told it, and nobody is their own friend.

    pairs     pairs of whom both segments are known; ``left_out`` counts the others
    same      share of these in which both are of one segment
    expected  that share if every listener kept their number of friends and their segment, and
              friends were drawn at random: the sum of squared shares of the ends of friendships
              by segment (Newman 2003, "Mixing patterns in networks", in equation 2), less the
              chance to draw oneself
    ratio     same / expected: 1 is chance; ``low`` and ``high`` are its 95 % interval, from draws
              of listeners rather than of pairs, as one listener's friendships resemble each other.
              A pair weighs what its two listeners weigh, multiplied: such an interval is rather
              too wide than too narrow (Owen and Eckles 2012, "Bootstrapping data arrays of
              arbitrary order")

    Where there is nothing to divide by, a figure is None.
    """
    pairs, left_out = _pairs(membership, friendships)
    people, ends = np.unique(pairs[["one", "other"]].to_numpy(dtype=object), return_inverse=True)
    one, other = ends.reshape(-1, 2).T
    listed = membership.drop_duplicates("listener").set_index("listener")["segment"]
    segment = pd.factorize(listed.reindex(people), sort=True)[0]
    same, expected = _shares(one, other, segment, np.ones(len(people)))
    drawn = resample(pd.Series(people, dtype="str"), DRAWS, seed).weights.astype(float)
    draws = np.array([_shares(one, other, segment, weights) for weights in drawn])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = interval(float(np.divide(same, expected)), np.divide(*draws.T))
    return {
        "pairs": len(pairs),
        "same": number(same),
        "expected": number(expected),
        "ratio": ratio["value"],
        "low": ratio["low"],
        "high": ratio["high"],
        "left_out": left_out,
    }


def _pairs(membership: pd.DataFrame, friendships: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Each pair of two different people once, if both have a segment, and how many have not."""
    told = friendships[["listener", "friend"]].astype("str")
    turned = told["listener"] > told["friend"]
    pairs = pd.DataFrame(
        {
            "one": told["listener"].mask(turned, told["friend"]),
            "other": told["friend"].mask(turned, told["listener"]),
        }
    )
    pairs = pairs[pairs["one"] != pairs["other"]].drop_duplicates()
    pairs = pairs.sort_values(["one", "other"], kind="stable", ignore_index=True)
    known = membership.loc[membership["segment"] != UNKNOWN, "listener"]
    both = pairs["one"].isin(known) & pairs["other"].isin(known)
    return pairs[both].reset_index(drop=True), int((~both).sum())


def _shares(
    one: np.ndarray, other: np.ndarray, segment: np.ndarray, weights: np.ndarray
) -> tuple[float, float]:
    """The share of pairs within one segment, and what it is by chance; NaN without pairs.

    A pair weighs as much as both its listeners' ``weights`` multiplied.
    """
    pair = weights[one] * weights[other]
    friends = np.bincount(one, pair, len(weights)) + np.bincount(other, pair, len(weights))
    by_segment = np.bincount(segment, friends)
    oneself = (friends**2).sum()
    chances = friends.sum() ** 2 - oneself
    with np.errstate(divide="ignore", invalid="ignore"):
        same = np.divide((pair * (segment[one] == segment[other])).sum(), pair.sum())
        expected = np.divide((by_segment**2).sum() - oneself, chances)
    return float(same), float(expected)
