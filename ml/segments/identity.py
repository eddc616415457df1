"""Who a segment is from one discovery to the next: ids, names and colors that stay.

Clusters are numbered by accident. A segment is the one it was if mostly the same listeners are
in it when last month's and this month's definitions look at the same days.
"""

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7f7f7f", "#b8a800")

MINIMUM_OVERLAP = 0.5
"""Jaccard index from which a segment is the same: half of those in either are in both.

Above it at most one segment of each discovery qualifies, so that no match is a matter of taste.
"""


@dataclass(frozen=True)
class Identities:
    """Who the groups of a discovery are.

    ``order`` names the group at each position of ``segments``; those hold id, color, since and
    name ("" until it is found). ``previous`` says what became of the definitions before.
    """

    order: np.ndarray
    segments: list[dict]
    next_id: int
    previous: dict | None = None


@dataclass(frozen=True)
class _Past:
    """The definitions before: their segments, those kept (new position: old one), the overlaps."""

    segments: list[dict] = field(default_factory=list)
    next_id: int = 1
    kept: dict[int, int] = field(default_factory=dict)
    overlap: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))


def match(
    previous: dict | None, labels_before: pd.Series | None, labels: pd.Series, as_of: dt.date
) -> Identities:
    """The identities of the groups that ``labels`` number (int, index listener).

    ``labels_before`` are the segments that ``previous`` gives the same listeners on the same
    days. Pairs are those with the largest overlaps together (Hungarian method) of at least
    MINIMUM_OVERLAP; the id of a segment that is gone is never given to another. Kept segments
    come first, by id; then new ones, the most populous first. How the groups are numbered does
    not matter.
    """
    count = int(labels.max()) + 1 if len(labels) else 0
    if previous is None or labels_before is None:
        return _identities(labels, count, _Past(), as_of)
    both = labels_before.index.intersection(labels.index)
    before, now = labels_before[both].to_numpy(), labels[both].to_numpy()
    old = previous["segments"]
    overlap = jaccard(before, now, len(old), count)
    past = _Past(old, int(previous["next_id"]), pairs(overlap), overlap)
    found = _identities(labels, count, past, as_of)
    block = {"as_of": previous["as_of"], "agreement": _agreement(before, now)}
    return Identities(found.order, found.segments, found.next_id, block | _became(found, past))


def jaccard(before: np.ndarray, now: np.ndarray, olds: int, news: int) -> np.ndarray:
    """Listeners in both / listeners in either, for each old (rows) and new (columns) group.

    >>> jaccard(np.array([0, 0, 1]), np.array([1, 1, 1]), 2, 2).round(2).tolist()
    [[0.0, 0.67], [0.0, 0.33]]
    """
    shared = np.zeros((olds, news))
    np.add.at(shared, (before, now), 1.0)
    either = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None, :] - shared
    return np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)


def pairs(overlap: np.ndarray) -> dict[int, int]:
    """New group -> the old one it is, by the largest total overlap; only those that are."""
    from scipy.optimize import linear_sum_assignment

    olds, news = linear_sum_assignment(overlap, maximize=True)
    found = zip(olds, news, strict=True)
    return {int(new): int(old) for old, new in found if overlap[old, new] >= MINIMUM_OVERLAP}


def _identities(labels: pd.Series, count: int, past: _Past, as_of: dt.date) -> Identities:
    order = sorted(range(count), key=lambda group: _place(group, labels, past))
    used = {past.segments[old]["color"] for old in past.kept.values()}
    known = {segment["color"] for segment in past.segments}
    # The color of a segment that is gone would make its successor look like it.
    free = [color for color in COLORS if color not in known]
    free += [color for color in COLORS if color in known - used]
    segments, next_id = [], past.next_id
    for group in order:
        if group in past.kept:
            old = past.segments[past.kept[group]]
            segments.append({name: old[name] for name in ("id", "name", "color", "since")})
            continue
        color = free.pop(0) if free else COLORS[next_id % len(COLORS)]
        segments.append(
            {"id": f"s{next_id}", "name": "", "color": color, "since": as_of.isoformat()}
        )
        next_id += 1
    return Identities(np.array(order, dtype=np.int64), segments, next_id)


def _place(group: int, labels: pd.Series, past: _Past) -> tuple:
    if group in past.kept:
        return 0, int(past.segments[past.kept[group]]["id"][1:]), ""
    members = labels.index[labels.to_numpy() == group]
    return 1, -len(members), str(min(members, default=""))


def _became(found: Identities, past: _Past) -> dict:
    position = {int(group): at for at, group in enumerate(found.order)}
    kept = [
        {
            "id": past.segments[old]["id"],
            "overlap": round(float(past.overlap[old, new]), 6),
        }
        for new, old in sorted(past.kept.items(), key=lambda pair: position[pair[0]])
    ]
    ids = {one["id"] for one in kept}
    gone = [segment for segment in past.segments if segment["id"] not in ids]
    return {
        "kept": kept,
        "new": [segment["id"] for segment in found.segments if segment["id"] not in ids],
        "retired": [{name: one[name] for name in ("id", "name", "color")} for one in gone],
    }


def _agreement(before: np.ndarray, now: np.ndarray) -> float | None:
    from sklearn.metrics import adjusted_rand_score

    return round(float(adjusted_rand_score(before, now)), 6) if len(before) else None
