"""How much more often something is seen in a group than among everybody, and how sure that is."""

import math

from ml.intervals import wilson

Interval = tuple[float, float, float]
"""Value, low and high."""


def lift(part: int, group: int, found: int, everybody: int) -> Interval:
    """Share in a group over the share among everybody, with its 95 % interval.

    ``part`` of the ``group`` have it, ``found`` of ``everybody``; the group belongs to everybody.
    So the two shares are not independent, but those of the group (p) and of the rest (q) are, and
    the lift is ``1 / (w + (1 - w) q / p)`` where ``w`` is the group's part of everybody: it grows
    with p / q alone, whose interval is `ratio_of_shares`. Raises ValueError for counts that no
    such group can have.

    >>> [round(end, 2) for end in lift(45, 100, 220, 1000)]
    [2.05, 1.64, 2.46]
    >>> lift(5, 10, 5, 10)
    (1.0, 1.0, 1.0)
    """
    rest = everybody - group
    if not (found > 0 and 0 <= part <= group > 0 and 0 <= found - part <= rest):
        raise ValueError(
            f"Expected a group that belongs to everybody, and somebody with the value; got {part} "
            f"of {group} in the group and {found} of {everybody} among everybody."
        )
    if rest == 0:
        return 1.0, 1.0, 1.0
    value = (part / group) / (found / everybody)
    low, high = ratio_of_shares(part, group, found - part, rest)
    weight = group / everybody
    return value, _lift_of(low, weight), _lift_of(high, weight)


def ratio_of_shares(ours: int, of: int, theirs: int, of_theirs: int) -> tuple[float, float]:
    """The 95 % interval of the ratio of two independent shares; infinite where theirs may be 0.

    From the Wilson intervals of both by the method of variance estimates recovery (MOVER-R,
    Donner and Zou 2012), which unlike the logarithm of the ratio (Katz et al. 1978) holds when
    all or none of a group have it.

    >>> [round(end, 2) for end in ratio_of_shares(45, 100, 175, 900)]
    [1.77, 2.94]
    """
    p, q = ours / of, theirs / of_theirs
    (low_p, high_p), (low_q, high_q) = wilson(p, of), wilson(q, of_theirs)
    low_p, high_q = min(low_p, p), max(high_q, q)
    high_p, low_q = max(high_p, p), min(low_q, q)
    below = low_p * (2 * p - low_p)
    root = math.sqrt(max((p * q) ** 2 - below * high_q * (2 * q - high_q), 0.0))
    low = below / (p * q + root) if below else 0.0
    above = low_q * (2 * q - low_q)
    root = math.sqrt(max((p * q) ** 2 - high_p * (2 * p - high_p) * above, 0.0))
    return low, (p * q + root) / above if above else math.inf


def _lift_of(ratio: float, weight: float) -> float:
    if ratio == 0:
        return 0.0
    return 1 / (weight + (1 - weight) / ratio)
