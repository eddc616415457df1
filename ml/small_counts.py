"""Counts that may be told: none between 1 and k - 1, and none from which one would follow.

A count of few listeners can single them out, and so can the difference of two counts. Both are
replaced by None, which reads "fewer than k". This is k-anonymity for what is published together;
whoever compares many requests, or many nights, can still learn more.
"""

from collections.abc import Collection, Sequence


def told(count: int, k: int) -> int | None:
    """The count, unless it is of somebody but of fewer than ``k``.

    >>> told(0, 50), told(49, 50), told(50, 50)
    (0, None, 50)
    """
    return None if 0 < count < k else int(count)


def told_steps(counts: Sequence[int], k: int) -> list[int | None]:
    """Falling counts, so that no two that are told differ by fewer than ``k`` listeners.

    The last one matters most, so an earlier one gives way.

    >>> told_steps([500, 480, 300, 300], 50), told_steps([500, 300, 20], 50)
    ([None, 480, 300, 300], [500, 300, None])
    """
    shown: list[int | None] = []
    after: int | None = None
    for count in reversed(counts):
        close = after is not None and told(count - after, k) is None
        shown.append(None if close else told(count, k))
        after = after if shown[-1] is None else shown[-1]
    return shown[::-1]


def told_parts(
    parts: Sequence[int], k: int, untold: Collection[int] = ()
) -> list[int | None]:
    """Parts of a known whole; those not told are two at least, and together ``k`` listeners.

    Else the untold part would be the whole less the others. ``untold`` are the positions of parts
    that may not be told for another reason. An empty part is told.

    >>> told_parts([300, 200, 30], 50), told_parts([300, 30, 40], 50), told_parts([300, 0, 90], 50)
    ([300, None, None], [300, None, None], [300, 0, 90])
    >>> told_parts([300, 200, 100], 50, untold=[0])
    [None, 200, None]
    """
    shown = [None if at in untold else told(part, k) for at, part in enumerate(parts)]
    hidden = [part for part, one in zip(parts, shown, strict=True) if one is None]
    smallest_first = sorted((one, at) for at, one in enumerate(shown) if one)
    for part, at in smallest_first:
        if not hidden or (len(hidden) > 1 and sum(hidden) >= k):
            break
        shown[at] = None
        hidden.append(part)
    return shown


def told_overlap(both: int, one: int, other: int, k: int) -> int | None:
    """How many of two groups are in both, unless that, or what is left of either, is too few.

    >>> told_overlap(100, 400, 300, 50), told_overlap(100, 120, 300, 50)
    (100, None)
    """
    untold = any(told(rest, k) is None for rest in (both, one - both, other - both))
    return None if untold else int(both)
