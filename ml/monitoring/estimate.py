"""How good the live model is on a day whose labels are not there yet.

Confidence-based performance estimation (CBPE; Białek et al. 2024, "Estimating Model Performance
Under Covariate Shift Without Labels", arXiv 2401.08348): where probabilities are calibrated, each
says how likely its own label is, and so any figure that a label goes into has an expected value.
It sees a change of who is asked, not a change of how they answer: that needs the labels, and is
what the calibration of matured days looks for.

The interval is what the figure may be once the labels are there: labels are drawn from the
probabilities, after level and slope of the calibration were drawn from their own uncertainty.
"""

import numpy as np

from ml import metrics
from ml.calibration import expit, logit
from ml.intervals import interval

DRAWS = 200
FIGURES = ("rate", "log_loss", "normalized_entropy", "auc")


def estimated(
    probabilities: np.ndarray, calibration: dict | None = None, draws: int = DRAWS, seed: int = 7
) -> dict:
    """Expected ``rate``, ``log_loss``, ``normalized_entropy`` and ``auc`` with 95 % intervals.

    ``calibration`` is the live model's; without a covariance in it, it is taken for exact.

    >>> figures = estimated(np.full(1000, 0.5))
    >>> figures["rate"]["value"], figures["normalized_entropy"]["value"]
    (0.5, 1.0)
    """
    dice = np.random.default_rng(seed)
    drawn = np.array([_figures(_labels(one, dice), probabilities) for one in
                      _shifted(probabilities, calibration or {}, draws, dice)])  # fmt: skip
    drawn = drawn.reshape(draws, len(FIGURES))
    return {name: interval(value, drawn[:, place]) for place, (name, value) in
            enumerate(zip(FIGURES, expected(probabilities), strict=True))}  # fmt: skip


def expected(probabilities: np.ndarray) -> tuple[float, float, float, float]:
    """The expected figures: each row counts as positive by its probability, else as negative."""
    if not len(probabilities):
        return (np.nan,) * 4
    kept = np.clip(probabilities, metrics.CLIP, 1 - metrics.CLIP)
    rate = float(kept.mean())
    loss = float(-(kept * np.log(kept) + (1 - kept) * np.log1p(-kept)).mean())
    _, group = np.unique(probabilities, return_inverse=True)
    positive, negative = (np.bincount(group, weights=one) for one in (kept, 1 - kept))
    return rate, loss, loss / metrics.entropy(rate), _auc(positive, negative, kept)


def _auc(positive: np.ndarray, negative: np.ndarray, kept: np.ndarray) -> float:
    """No row is a pair with itself: half of that is taken out again."""
    pairs = positive.sum() * negative.sum()
    itself = float((kept * (1 - kept)).sum())
    whole = metrics.auc_of_groups(positive, negative) * pairs
    return float((whole - itself / 2) / (pairs - itself)) if pairs > itself else np.nan


def _shifted(probabilities: np.ndarray, calibration: dict, draws: int, dice):
    """The probabilities as they would be with other, about as likely, calibrations."""
    covariance = calibration.get("covariance")
    if covariance is None:
        yield from (probabilities for _ in range(draws))
        return
    margins = logit(probabilities)
    middle = calibration["center"] + calibration["level"]
    for steeper, higher in dice.multivariate_normal([0, 0], np.array(covariance), draws):
        yield expit(np.exp(steeper) * (margins - middle) + middle + higher)


def _labels(probabilities: np.ndarray, dice) -> np.ndarray:
    return (dice.random(len(probabilities)) < probabilities).astype(float)


def _figures(labels: np.ndarray, probabilities: np.ndarray) -> tuple[float, float, float, float]:
    return (
        float(labels.mean()) if len(labels) else np.nan, metrics.log_loss(labels, probabilities),
        _entropy(labels, probabilities), metrics.auc(labels, probabilities),
    )  # fmt: skip


def _entropy(labels: np.ndarray, probabilities: np.ndarray) -> float:
    rate = float(labels.mean()) if len(labels) else 0.0
    return metrics.normalized_entropy(labels, probabilities) if 0 < rate < 1 else np.nan
