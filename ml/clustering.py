"""Groups in a table of numbers: robust scaling, KMeans, and how many groups the data bear.

Nothing here knows what a listener is. Points are rows; the caller fixes their order, the seed
and the features, and gets the same centers to the last digit kept.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

CLIP = 3.0
DECIMALS = 6
RESTARTS = 10
RESAMPLES = 16
RESAMPLE_SHARE = 0.8
STABILITY_COST = 0.02
SEPARATION_KEPT = 0.9
SILHOUETTE_POINTS = 2000


def fit_scaling(
    features: pd.DataFrame, logged: Iterable[str]
) -> dict[str, dict[str, float | bool]]:
    """How to bring each column of ``features`` to a common scale: JSON, frozen with the centers.

    Median and interquartile range (over 1.349, so that a normal column gets its standard
    deviation), of log(1 + x) for the ``logged`` amounts. A column whose quartiles coincide (a
    choice few make) is scaled by its standard deviation; one that never differs is left out.
    """
    scaling: dict[str, dict[str, float | bool]] = {}
    logs = set(logged)
    for name in features.columns:
        values = features[name].to_numpy(dtype=float)
        values = values[np.isfinite(values)]
        if len(values) == 0 or np.ptp(values) == 0:
            continue
        values = np.log1p(values) if name in logs else values
        low, median, high = np.quantile(values, [0.25, 0.5, 0.75])
        spread = max((high - low) / 1.349, float(np.std(values)) / 2)
        scaling[name] = {
            "log": name in logs,
            "median": round(float(median), DECIMALS),
            "scale": float(f"{spread:.6g}"),
        }
    return scaling


def scale(features: pd.DataFrame, scaling: dict[str, dict[str, float | bool]]) -> np.ndarray:
    """``features`` as points (rows, columns of ``scaling``), clipped to three spreads.

    A missing value sits at the median, so that it speaks for no group.
    """
    columns = []
    for name, how in scaling.items():
        values = features[name].to_numpy(dtype=float)
        values = np.log1p(values) if how["log"] else values
        spreads = np.clip((values - how["median"]) / how["scale"], -CLIP, CLIP)
        columns.append(np.nan_to_num(spreads))
    return np.column_stack(columns) if columns else np.zeros((len(features), 0))


def centers_of(points: np.ndarray, k: int, seed: int) -> np.ndarray:
    """The ``k`` centers of KMeans (k, columns), the most populous first, rounded so they freeze.

    One thread: threads add up in any order, and the last digits would differ between machines.
    """
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        fitted = KMeans(n_clusters=k, n_init=RESTARTS, random_state=seed).fit(points)
    centers = np.round(fitted.cluster_centers_, DECIMALS)
    sizes = np.bincount(nearest(points, centers), minlength=k)
    return centers[np.lexsort([*centers.T[::-1], -sizes])] + 0.0


def nearest(points: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """The index of the closest center of each point (rows,); the first one on a tie."""
    distances = [((points - center) ** 2).sum(axis=1) for center in centers]
    return np.argmin(np.column_stack(distances), axis=1).astype(np.int64)


def stability(points: np.ndarray, k: int, seed: int) -> float:
    """How alike two clusterings of different 80 % of the points are, on all points; 1 is identical.

    Mean adjusted Rand index of pairs of resamples (Ben-Hur, Elisseeff and Guyon 2002): groups
    that are really there are found again, cuts through a cloud fall elsewhere each time.
    """
    from sklearn.metrics import adjusted_rand_score

    generator = np.random.default_rng(seed)
    size = max(k, int(RESAMPLE_SHARE * len(points)))
    labels = []
    for _ in range(RESAMPLES):
        rows = np.sort(generator.permutation(len(points))[:size])
        labels.append(nearest(points, centers_of(points[rows], k, seed)))
    pairs = zip(labels[::2], labels[1::2], strict=True)
    return float(np.mean([adjusted_rand_score(one, other) for one, other in pairs]))


def silhouette(points: np.ndarray, labels: np.ndarray, seed: int) -> float:
    """Mean silhouette of at most 2,000 points; 0 when a sample holds a single group."""
    from sklearn.metrics import silhouette_score

    rows = np.sort(np.random.default_rng(seed).permutation(len(points))[:SILHOUETTE_POINTS])
    found = len(np.unique(labels[rows]))
    return float(silhouette_score(points[rows], labels[rows])) if 1 < found < len(rows) else 0.0


def candidate(points: np.ndarray, k: int, seed: int) -> dict[str, float]:
    """What speaks for ``k`` groups: stability, silhouette and the share of the smallest group."""
    labels = nearest(points, centers_of(points, k, seed))
    sizes = np.bincount(labels, minlength=k)
    return {
        "k": k,
        "stability": round(stability(points, k, seed), 4),
        "silhouette": round(silhouette(points, labels, seed), 4),
        "smallest_share": round(float(sizes.min() / len(points)), 4),
    }


def choose(candidates: list[dict[str, float]], minimum_share: float) -> int:
    """The k to keep: the finest grouping that costs neither stability nor separation.

    Groups merged are often as stable as the groups themselves, so of the candidates within 0.02
    of the stablest and with 90 % of the best silhouette among them, the largest k is kept. Only
    candidates whose smallest group has ``minimum_share`` of the points stand; if none has, all
    do, for an answer with a small group is better than none.

    >>> choose([{"k": 4, "stability": 0.99, "silhouette": 0.2, "smallest_share": 0.1},
    ...         {"k": 5, "stability": 0.98, "silhouette": 0.4, "smallest_share": 0.1},
    ...         {"k": 6, "stability": 0.60, "silhouette": 0.5, "smallest_share": 0.1}], 0.03)
    5
    """
    standing = [one for one in candidates if one["smallest_share"] >= minimum_share] or candidates
    steadiest = max(one["stability"] for one in standing)
    steady = [one for one in standing if one["stability"] >= steadiest - STABILITY_COST]
    clearest = max(one["silhouette"] for one in steady)
    clear = [one for one in steady if one["silhouette"] >= SEPARATION_KEPT * clearest]
    # No silhouette above zero: nothing is separated, and the coarsest grouping claims least.
    return int(max(one["k"] for one in clear) if clear else min(one["k"] for one in steady))
