"""Groups in a table of numbers, three ways, each frozen as a projection and centers.

Nothing here knows what a listener is. Points are rows; the caller fixes their order, the seed
and the features, and gets the same groups to the last digit kept. One thread: threads add up in
any order, and the last digits would differ between machines.
"""

from dataclasses import dataclass

import numpy as np

from ml.scaling import DECIMALS

RESTARTS = 10
MIXTURES = 3
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
    """KMeans of ten starts, every direction alike."""
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


def discriminant(points: np.ndarray, k: int, seed: int) -> Grouping:
    """The mixture's groups, sharpened: project on what separates them, regroup, until they rest.

    Ding and Li (2007), "Adaptive dimension reduction using discriminant analysis and K-means
    clustering": a linear discriminant analysis of all columns (covariance shrunk as Ledoit and
    Wolf 2004) finds the directions in which groups differ by more than their members do, so that
    columns which are noise, or say the same thing twice, lose their say.
    """
    grouping = mixture(points, k, seed)
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
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    fitted = LinearDiscriminantAnalysis(
        solver="eigen", shrinkage="auto", priors=np.full(k, 1 / k)
    ).fit(points, labels)
    projection = fitted.scalings_[:, : k - 1]
    return Grouping(projection, fitted.means_ @ projection)


METHODS = {"k-means": k_means, "mixture": mixture, "discriminant": discriminant}
"""From the plainest to the one with most steps; all by scikit-learn."""


def fit(points: np.ndarray, k: int, method: str, seed: int) -> Grouping:
    """``k`` groups of ``points`` by one of METHODS, the most populous first, rounded to freeze."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        found = METHODS[method](points, k, seed)
    frozen = Grouping(_rounded(found.projection), _rounded(found.centers))
    sizes = np.bincount(frozen.labels(points), minlength=k)
    return frozen.ordered(np.lexsort([*frozen.centers.T[::-1], -sizes]))


def _rounded(values: np.ndarray) -> np.ndarray:
    # Adding zero turns -0.0 into 0.0, which JSON would keep apart.
    return np.round(values, DECIMALS) + 0.0
