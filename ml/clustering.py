"""Groups in a table of numbers, three ways, each frozen as a projection and centers.

Nothing here knows what a listener is. Points are rows; the caller fixes their order, the seed
and the features, and gets the same groups to the last digit kept. One thread: threads add up in
any order, and the last digits would differ between machines.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ml.scaling import DECIMALS

RESTARTS = 5
MIXTURES = 6
COMPONENTS = 12
ROWS_PER_COMPONENT = 5
RIDGE = 0.01
ROUNDS = 10
SMALLEST = 3
PIECE = 100_000


@dataclass(frozen=True)
class Grouping:
    """Frozen groups: a point belongs to the center closest to its ``projection``.

    ``projection`` is (columns, dimensions), ``centers`` (groups, dimensions). Projected, the
    points of a group scatter with variance 1 in every direction.
    """

    projection: np.ndarray
    centers: np.ndarray

    def distances(self, points: np.ndarray) -> np.ndarray:
        """Squared distance of each point to each center (rows, groups)."""
        projected = points @ self.projection
        return np.column_stack([((projected - one) ** 2).sum(axis=1) for one in self.centers])

    def labels(self, points: np.ndarray) -> np.ndarray:
        """The closest center of each point (rows,), int64; the first one on a tie."""
        pieces = [self.distances(points[at : at + PIECE]) for at in range(0, len(points), PIECE)]
        found = [np.argmin(piece, axis=1) for piece in pieces]
        return np.concatenate([*found, np.zeros(0, dtype=np.int64)]).astype(np.int64)

    def ordered(self, order: np.ndarray) -> "Grouping":
        """The same groups, numbered anew: ``order`` names the old number of each."""
        return Grouping(self.projection, self.centers[order])


def k_means(points: np.ndarray, k: int, seed: int) -> Grouping:
    """KMeans of five starts, every direction alike."""
    from sklearn.cluster import KMeans

    fitted = KMeans(n_clusters=k, n_init=RESTARTS, random_state=seed).fit(points)
    scatter = np.sqrt(max(fitted.inertia_ / points.size, RIDGE))
    projection = np.eye(points.shape[1]) / scatter
    return Grouping(projection, fitted.cluster_centers_ @ projection)


def mixture(points: np.ndarray, k: int, seed: int) -> Grouping:
    """Normal groups of one common shape (tied covariance) on the twelve main components.

    As groups share their covariance, the likeliest of equally large groups is the center closest
    after whitening by it. Fewer components are used for fewer than 60 points.
    """
    from sklearn.decomposition import PCA
    from sklearn.mixture import GaussianMixture

    rows, columns = points.shape
    size = max(1, min(COMPONENTS, columns, rows // ROWS_PER_COMPONENT))
    main = PCA(size, svd_solver="full").fit(points)
    fitted = GaussianMixture(
        k, covariance_type="tied", n_init=MIXTURES, reg_covar=RIDGE, random_state=seed
    ).fit(main.transform(points))
    whitening = fitted.precisions_cholesky_
    projection = main.components_.T @ whitening
    return Grouping(projection, fitted.means_ @ whitening + main.mean_ @ projection)


def discriminant(points: np.ndarray, start: Grouping) -> Grouping:
    """The groups of ``start`` sharpened: project on what separates them, regroup, until they rest.

    Ding and Li (2007), "Adaptive dimension reduction using discriminant analysis and K-means
    clustering": Fisher's discriminants of all columns are the directions in which groups differ
    by more than their members do, so that columns which are noise, or say the same thing twice,
    lose their say.
    """
    grouping, k = start, len(start.centers)
    labels = grouping.labels(points)
    for _ in range(ROUNDS):
        if np.bincount(labels, minlength=k).min() < SMALLEST:
            break
        grouping = _separating(points, labels, k)
        before, labels = labels, grouping.labels(points)
        if (labels == before).all():
            break
    return grouping


def _separating(points: np.ndarray, labels: np.ndarray, k: int) -> Grouping:
    """Fisher's discriminants: the scatter within groups is shrunk as Ledoit and Wolf (2004)."""
    from scipy.linalg import eigh
    from sklearn.covariance import ledoit_wolf

    means = np.array([points[labels == group].mean(axis=0) for group in range(k)])
    within, _ = ledoit_wolf(points - means[labels], assume_centered=True)
    between = np.cov(means.T, bias=True).reshape(within.shape)
    # The eigenvalues come in rising order, and k means differ in k - 1 directions at most.
    projection = eigh(between, within)[1][:, ::-1][:, : k - 1]
    return Grouping(projection, means @ projection)


METHODS = ("k-means", "mixture", "discriminant")
"""From the plainest to the one with most steps; scikit-learn and scipy do the work."""


def fit(points: np.ndarray, k: int, seed: int) -> dict[str, Grouping]:
    """``k`` groups of ``points`` by each of METHODS, the most populous first, rounded to freeze."""
    with _threads().limit(limits=1):
        normal = mixture(points, k, seed)
        found = (k_means(points, k, seed), normal, discriminant(points, normal))
        return {
            method: _frozen(one, points) for method, one in zip(METHODS, found, strict=True)
        }


@cache
def _threads() -> Any:
    """The thread pools of the libraries above, looked up once: it takes longer than a fit."""
    import scipy.linalg  # noqa: F401
    import sklearn.cluster
    import sklearn.mixture  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _frozen(found: Grouping, points: np.ndarray) -> Grouping:
    frozen = Grouping(_rounded(found.projection), _rounded(found.centers))
    sizes = np.bincount(frozen.labels(points), minlength=len(frozen.centers))
    return frozen.ordered(np.lexsort([*frozen.centers.T[::-1], -sizes]))


def _rounded(values: np.ndarray) -> np.ndarray:
    # Adding zero turns -0.0 into 0.0, which JSON would keep apart.
    return np.round(values, DECIMALS) + 0.0
