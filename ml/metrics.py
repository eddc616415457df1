"""Figures that say how good probabilities are, each a function of labels and predictions.

Labels are 0 or 1 (or the class index), predictions probabilities, weights optional and
non-negative. Where a figure has no meaning (one class only, no rows) it is nan; ``number`` turns
that into None for JSON. Ties are one group, so the order of rows never matters.
"""

import math

import numpy as np

CLIP = 1e-12
"""Probabilities are kept this far from 0 and 1: one certain mistake must not be infinitely bad."""


def auc(labels, scores, weights=None) -> float:
    """Chance that a positive scores above a negative, ties counting half.

    Of the four pairs below, three are in order:

    >>> auc([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4])
    0.75
    """
    labels, scores, weights = _arrays(labels, scores, weights)
    _, group = np.unique(scores, return_inverse=True)
    positive = np.bincount(group, weights=weights * labels)
    negative = np.bincount(group, weights=weights * (1 - labels))
    return auc_of_groups(positive, negative)


def auc_of_groups(positive: np.ndarray, negative: np.ndarray) -> float:
    """AUC from the weight of positives and negatives at each distinct score, ascending."""
    pairs = positive.sum() * negative.sum()
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum() / pairs) if pairs > 0 else math.nan


def log_losses(labels, probabilities) -> np.ndarray:
    """The log loss of each row, in nats."""
    labels, kept, _ = _arrays(labels, probabilities, None)
    kept = np.clip(kept, CLIP, 1 - CLIP)
    return -(labels * np.log(kept) + (1 - labels) * np.log1p(-kept))


def log_loss(labels, probabilities, weights=None) -> float:
    """Mean log loss, in nats; a fair coin's is the logarithm of 2.

    >>> round(log_loss([0, 1], [0.5, 0.5]), 4)
    0.6931
    """
    return _mean(log_losses(labels, probabilities), weights)


def entropy(rate: float) -> float:
    """Log loss of always saying the base rate, in nats; nan when only one class was seen.

    >>> round(entropy(0.5), 4)
    0.6931
    """
    return -(rate * math.log(rate) + (1 - rate) * math.log(1 - rate)) if 0 < rate < 1 else math.nan


def normalized_entropy(labels, probabilities, weights=None) -> float:
    """Log loss over the entropy of the base rate (He et al. 2014): 1 knows only the rate, 0 is all.

    >>> normalized_entropy([0, 1], [0.5, 0.5])
    1.0
    """
    return log_loss(labels, probabilities, weights) / entropy(_mean(labels, weights))


def calibration_ratio(labels, probabilities, weights=None) -> float:
    """Predicted positives over observed ones; above 1 the model promises too much.

    >>> calibration_ratio([0, 0, 0, 1], [0.5, 0.5, 0.5, 0.5])
    2.0
    """
    observed = _mean(labels, weights)
    return _mean(probabilities, weights) / observed if observed > 0 else math.nan


def calibration_error(labels, probabilities, weights=None, bins: int = 20) -> float:
    """Mean gap between predicted and observed rate over bins of equal mass.

    >>> round(calibration_error([0, 0, 0, 1], [0.2, 0.2, 0.9, 0.9], bins=2), 9)
    0.3
    """
    labels, predicted, weights = _arrays(labels, probabilities, weights)
    if not weights.sum() > 0:
        return math.nan
    gaps = np.bincount(mass_bins(predicted, bins, weights), weights=weights * (predicted - labels))
    return float(np.abs(gaps).sum() / weights.sum())


def mass_bins(scores, bins: int = 20, weights=None) -> np.ndarray:
    """The bin of each row, 0 lowest, so that bins weigh about the same; ties share a bin.

    >>> mass_bins([0.1, 0.2, 0.3, 0.4], bins=2).tolist()
    [0, 0, 1, 1]
    """
    _, scores, weights = _arrays(scores, scores, weights)
    _, group = np.unique(scores, return_inverse=True)
    mass = np.bincount(group, weights=weights)
    middle = (np.cumsum(mass) - mass / 2) / max(mass.sum(), CLIP)
    return np.minimum((middle * bins).astype(np.int64), bins - 1)[group]


def reliability(labels, probabilities, bins: int = 20) -> list[dict]:
    """Predicted and observed rate per bin of equal mass, lowest prediction first.

    >>> reliability([0, 1], [0.5, 0.5])
    [{'predicted': 0.5, 'observed': 0.5, 'rows': 2}]
    """
    labels, predicted, _ = _arrays(labels, probabilities, None)
    _, group = np.unique(mass_bins(predicted, bins), return_inverse=True)
    rows = np.bincount(group)
    means = (np.bincount(group, weights=column) / rows for column in (predicted, labels))
    return [
        {"predicted": number(p), "observed": number(o), "rows": int(n)}
        for p, o, n in zip(*means, rows, strict=True)
    ]


def gain_curve(labels, scores, points: int = 101) -> list[dict]:
    """Share of the positives found in the best-scored share of rows; within ties, pro rata.

    >>> gain_curve([0, 1, 0, 1], [0.1, 0.9, 0.2, 0.8], points=3)[1]
    {'share_of_rows': 0.5, 'share_of_positives': 1.0}
    """
    labels, scores, _ = _arrays(labels, scores, None)
    if not labels.sum() > 0:
        return []
    _, group = np.unique(-scores, return_inverse=True)
    rows = np.concatenate([[0.0], np.cumsum(np.bincount(group)) / len(labels)])
    found = np.concatenate([[0.0], np.cumsum(np.bincount(group, weights=labels)) / labels.sum()])
    shares = np.linspace(0, 1, points)
    return [
        {"share_of_rows": number(share), "share_of_positives": number(value)}
        for share, value in zip(shares, np.interp(shares, rows, found), strict=True)
    ]


def class_losses(labels, probabilities) -> np.ndarray:
    """The log loss of each row, in nats, from probabilities of shape (rows, classes)."""
    chosen = np.take_along_axis(probabilities, np.asarray(labels)[:, None], axis=1)[:, 0]
    return -np.log(np.clip(chosen, CLIP, 1))


def class_entropy(labels, classes: int) -> float:
    """Log loss of always saying the classes' shares, in nats; nan when only one class was seen.

    >>> round(class_entropy([0, 1, 2, 3], classes=4), 4)
    1.3863
    """
    counts = np.bincount(labels, minlength=classes)
    shares = counts[counts > 0] / max(counts.sum(), 1)
    return float(-(shares * np.log(shares)).sum()) if len(shares) > 1 else math.nan


def class_normalized_entropy(labels, probabilities) -> float:
    """Normalized entropy of several classes; 1 knows only how frequent each is.

    >>> round(class_normalized_entropy([0, 1, 2, 3], np.full((4, 4), 0.25)), 9)
    1.0
    """
    losses = class_losses(labels, probabilities)
    return _mean(losses, None) / class_entropy(labels, probabilities.shape[1])


def accuracy(labels, probabilities) -> float:
    """Share of rows whose most probable class is the right one.

    >>> accuracy([0, 1], np.array([[0.9, 0.1], [0.6, 0.4]]))
    0.5
    """
    return _mean(probabilities.argmax(axis=1) == np.asarray(labels), None)


def confusion(labels, probabilities) -> list[list[int]]:
    """Rows per true class (down) and most probable class (across).

    >>> confusion([0, 1], np.array([[0.9, 0.1], [0.6, 0.4]]))
    [[1, 0], [1, 0]]
    """
    classes = probabilities.shape[1]
    pairs = np.asarray(labels) * classes + probabilities.argmax(axis=1)
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes).tolist()


def number(value: float) -> float | None:
    """A figure for JSON: 9 decimals, None where it has no meaning.

    >>> number(1 / 3), number(float("nan"))
    (0.333333333, None)
    """
    return round(float(value), 9) if math.isfinite(value) else None


def _mean(values, weights) -> float:
    _, values, weights = _arrays(values, values, weights)
    total = weights.sum()
    return float((weights * values).sum() / total) if total > 0 else math.nan


def _arrays(labels, values, weights) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values = np.asarray(values, dtype=float)
    kept = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    return np.asarray(labels, dtype=float), values, kept
