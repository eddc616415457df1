"""How many groups, and by which method: by whether they come back and whether they are of use."""

from collections.abc import Iterable

import numpy as np

from ml import clustering

RESAMPLES = 16
RESAMPLE_SHARE = 0.8
RESAMPLE_POINTS = 2500
HALF_POINTS = 4000
SMALLEST_NUMBER = 1e-12


def candidates(
    points: np.ndarray,
    halves: tuple[np.ndarray, np.ndarray] | None,
    sizes: Iterable[int],
    seed: int,
) -> list[dict]:
    """What speaks for each method and number of groups of ``points``.

    ``halves`` are the same points as the odd and the even days alone describe them, on the same
    scale; without them usefulness is that of a description of the very points.
    """
    return [
        {
            "method": method,
            "k": k,
            "stability": round(stability(points, k, method, seed), 4),
            "usefulness": round(usefulness(*(halves or (points, points)), k, method, seed), 4),
            "smallest_share": _smallest_share(points, k, method, seed),
        }
        for method in clustering.METHODS
        for k in sizes
    ]


def choose(candidates: list[dict], minimum_share: float) -> dict:
    """The candidate to keep: the most of other days' behaviour explained by groups that return.

    That is the largest product of stability and usefulness, neither of which will do alone:
    merging groups is often stable and says little, splitting them always says more and falls
    elsewhere next time. Only candidates whose smallest group has ``minimum_share`` of the points
    stand; if none has, all do, for an answer with a small group is better than none. Of equals
    the fewest groups by the plainest method are kept.

    >>> merged = {"method": "k-means", "k": 4, "stability": 0.99, "usefulness": 0.30}
    >>> groups = {"method": "k-means", "k": 5, "stability": 0.98, "usefulness": 0.40}
    >>> split = {"method": "k-means", "k": 6, "stability": 0.70, "usefulness": 0.41}
    >>> choose([one | {"smallest_share": 0.1} for one in (merged, groups, split)], 0.03)["k"]
    5
    """
    standing = [one for one in candidates if one["smallest_share"] >= minimum_share] or candidates
    plainest = list(clustering.METHODS).index
    return min(standing, key=lambda one: (-worth(one), one["k"], plainest(one["method"])))


def worth(candidate: dict) -> float:
    """Stability times usefulness, in ten-thousandths: smaller differences are chance."""
    return round(max(candidate["stability"], 0.0) * candidate["usefulness"], 4)


def stability(points: np.ndarray, k: int, method: str, seed: int) -> float:
    """How alike two groupings of different 80 % of the points are, on all points; 1 is identical.

    Mean adjusted Rand index of pairs of resamples (Ben-Hur, Elisseeff and Guyon 2002): groups
    that are really there are found again, cuts through a cloud fall elsewhere each time. Of very
    many points 2,500 are drawn each time.
    """
    from sklearn.metrics import adjusted_rand_score

    generator = np.random.default_rng(seed)
    size = max(k, min(RESAMPLE_POINTS, int(RESAMPLE_SHARE * len(points))))
    labels = []
    for _ in range(RESAMPLES):
        rows = np.sort(generator.permutation(len(points))[:size])
        labels.append(clustering.fit(points[rows], k, method, seed).labels(points))
    pairs = zip(labels[::2], labels[1::2], strict=True)
    return float(np.mean([adjusted_rand_score(one, other) for one, other in pairs]))


def usefulness(one: np.ndarray, other: np.ndarray, k: int, method: str, seed: int) -> float:
    """Share of behaviour on days not looked at that the groups found on the others explain.

    ``one`` and ``other`` (rows, columns) describe the same listeners on odd and on even days.
    Groups are found on one half of the days; what they do on the other half is learnt from every
    second listener and told of the rest: 1 - squared error / squared error of the overall mean
    (the R squared of a forecast, below zero when the groups mislead), over both directions.
    """
    rows = np.sort(np.random.default_rng(seed).permutation(len(one))[:HALF_POINTS])
    told = [
        _explained(clustering.fit(seen, k, method, seed).labels(seen), unseen, k)
        for seen, unseen in ((one[rows], other[rows]), (other[rows], one[rows]))
    ]
    return float(np.mean(told))


def _explained(labels: np.ndarray, unseen: np.ndarray, k: int) -> float:
    second = np.arange(len(unseen)) % 2 == 1
    error = total = 0.0
    for learnt, judged in ((second, ~second), (~second, second)):
        overall = unseen[learnt].mean(axis=0)
        means = np.tile(overall, (k, 1))
        for group in np.unique(labels[learnt]):
            means[group] = unseen[learnt & (labels == group)].mean(axis=0)
        error += float(((unseen[judged] - means[labels[judged]]) ** 2).sum())
        total += float(((unseen[judged] - overall) ** 2).sum())
    return 1 - error / max(total, SMALLEST_NUMBER)


def _smallest_share(points: np.ndarray, k: int, method: str, seed: int) -> float:
    labels = clustering.fit(points, k, method, seed).labels(points)
    return round(float(np.bincount(labels, minlength=k).min() / len(points)), 4)
