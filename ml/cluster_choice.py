"""How many groups, and by which method: by whether they come back and whether they are of use."""

from collections.abc import Iterable

import numpy as np

from ml import clustering
from ml.progress import progress

RESAMPLES = 10
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
    found = []
    every = list(sizes)
    for position, k in enumerate(every):
        progress(f"looking for {k} groups", position / len(every))
        stable = stability(points, k, seed)
        useful = usefulness(*(halves or (points, points)), k, seed)
        for method, grouping in clustering.fit(points, k, seed).items():
            smallest = np.bincount(grouping.labels(points), minlength=k).min() / len(points)
            found.append(
                {
                    "method": method,
                    "k": k,
                    "stability": round(stable[method], 4),
                    "usefulness": round(useful[method], 4),
                    "smallest_share": round(float(smallest), 4),
                }
            )
    return found


def choose(candidates: list[dict], minimum_share: float) -> dict:
    """The candidate to keep: the most of other days' behaviour explained by groups that return.

    That is the largest product of stability and usefulness, neither of which will do alone:
    merging groups is often stable and says little, splitting them always says more and falls
    elsewhere next time. Only candidates whose smallest group has ``minimum_share`` of the points
    stand; if none has, all do, for an answer with a small group is better than none. Of equals
    the fewest groups by the plainest method are kept; where none is of use, the stablest.

    >>> merged = {"method": "k-means", "k": 4, "stability": 0.99, "usefulness": 0.30}
    >>> groups = {"method": "k-means", "k": 5, "stability": 0.98, "usefulness": 0.40}
    >>> split = {"method": "k-means", "k": 6, "stability": 0.70, "usefulness": 0.41}
    >>> choose([one | {"smallest_share": 0.1} for one in (merged, groups, split)], 0.03)["k"]
    5
    """
    standing = [one for one in candidates if one["smallest_share"] >= minimum_share] or candidates
    plainest = list(clustering.METHODS).index
    useless = all(worth(one) == 0 for one in standing)
    return min(
        standing,
        key=lambda one: (
            -one["stability"] if useless else -worth(one), one["k"], plainest(one["method"])
        ),
    )  # fmt: skip


def worth(candidate: dict) -> float:
    """Stability times usefulness, in ten-thousandths; 0 where a factor is not above zero."""
    factors = max(candidate["stability"], 0.0), max(candidate["usefulness"], 0.0)
    return round(factors[0] * factors[1], 4)


def stability(points: np.ndarray, k: int, seed: int) -> dict[str, float]:
    """By method: how alike two groupings of different 80 % of the points are; 1 is identical.

    Mean adjusted Rand index, on all points, of pairs of resamples (Ben-Hur, Elisseeff and Guyon
    2002): groups that are really there are found again, cuts through a cloud fall elsewhere each
    time. Of very many points 2,500 are drawn each time.
    """
    from sklearn.metrics import adjusted_rand_score

    generator = np.random.default_rng(seed)
    size = max(k, min(RESAMPLE_POINTS, int(RESAMPLE_SHARE * len(points))))
    fitted = [
        clustering.fit(points[np.sort(generator.permutation(len(points))[:size])], k, seed)
        for _ in range(RESAMPLES)
    ]
    found = {}
    for method in clustering.METHODS:
        labels = [one[method].labels(points) for one in fitted]
        pairs = zip(labels[::2], labels[1::2], strict=True)
        found[method] = float(np.mean([adjusted_rand_score(one, two) for one, two in pairs]))
    return found


def usefulness(one: np.ndarray, other: np.ndarray, k: int, seed: int) -> dict[str, float]:
    """By method: the share of behaviour on other days that groups found on some days explain.

    ``one`` and ``other`` (rows, columns) describe the same listeners on odd and on even days.
    Groups are found on one half of the days; what they do on the other half is learnt from a
    half of the listeners and told of the rest: 1 - squared error / squared error of the overall
    mean (the R squared of a forecast, below zero when the groups mislead), over all directions.
    Of very many listeners 4,000 are drawn.
    """
    drawn = np.random.default_rng(seed).permutation(len(one))[:HALF_POINTS]
    told = []
    for seen, unseen in ((one[drawn], other[drawn]), (other[drawn], one[drawn])):
        groups = clustering.fit(seen, k, seed)
        told.append({name: _explained(of.labels(seen), unseen, k) for name, of in groups.items()})
    return {name: float(np.mean([way[name] for way in told])) for name in clustering.METHODS}


def _explained(labels: np.ndarray, unseen: np.ndarray, k: int) -> float:
    """R squared of the group means of the first half of the rows on the second, and back."""
    first = np.arange(len(unseen)) < len(unseen) // 2
    error = total = 0.0
    for learnt, judged in ((first, ~first), (~first, first)):
        overall = unseen[learnt].mean(axis=0)
        means = np.tile(overall, (k, 1))
        for group in np.unique(labels[learnt]):
            means[group] = unseen[learnt & (labels == group)].mean(axis=0)
        error += float(((unseen[judged] - means[labels[judged]]) ** 2).sum())
        total += float(((unseen[judged] - overall) ** 2).sum())
    return 1 - error / max(total, SMALLEST_NUMBER)
