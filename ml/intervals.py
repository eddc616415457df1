"""How sure a figure is: a bootstrap that draws listeners, not rows.

One listener's rows resemble each other, so rows drawn one by one would promise too much. Each
draw gives every listener a Poisson(1) weight (the online form of the multinomial bootstrap);
what can be summed is summed per listener once, so that a draw is one weighted sum. Figures that
share a Resampling share its draws: a difference between two models is a paired one.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml import metrics
from ml.metrics import number
from ml.uncertainty import TWO_SIDED_95

BLOCK = 4096
"""Listeners whose weights are numbers of 8 bytes at once."""


@dataclass(frozen=True)
class Resampling:
    """``listener`` of each row as a code; small integer ``weights`` of (draws, listeners)."""

    listener: np.ndarray
    weights: np.ndarray

    def rows(self, chosen: np.ndarray) -> "Resampling":
        """The same draws, seen by some of the rows only."""
        kept, codes = np.unique(self.listener[chosen], return_inverse=True)
        return Resampling(codes, self.weights[:, kept])

    def totals(self, columns: np.ndarray) -> np.ndarray:
        """Weighted column sums per draw: (rows, columns) becomes (draws, columns).

        Some listeners at a time, so that weights stay small; by einsum, which has one thread and
        one order of adding whatever the machine.
        """
        listeners = self.weights.shape[1]
        sums = [np.bincount(self.listener, column, minlength=listeners) for column in columns.T]
        of_listener = np.array(sums).reshape(columns.shape[1], listeners)
        total = np.zeros((len(self.weights), columns.shape[1]))
        for first in range(0, listeners, BLOCK):
            weights = self.weights[:, first : first + BLOCK].astype(float)
            total += np.einsum("dl,cl->dc", weights, of_listener[:, first : first + BLOCK])
        return total


def resample(listeners: pd.Series, draws: int, seed: int) -> Resampling:
    """Draw weights for listeners in sorted order, so that the order of rows does not matter.

    Takes ``draws`` bytes per listener.
    """
    codes, unique = pd.factorize(listeners, sort=True)
    generator = np.random.default_rng(seed)
    weights = [generator.poisson(1.0, len(unique)).astype(np.uint8) for _ in range(draws)]
    return Resampling(codes, np.array(weights, dtype=np.uint8).reshape(draws, len(unique)))


def interval(value: float, drawn: np.ndarray | None = None) -> dict:
    """A figure and its 95 % percentile interval; None where most draws had no meaning."""
    known = np.array([]) if drawn is None else drawn[np.isfinite(drawn)]
    if drawn is None or len(known) <= len(drawn) / 2 or number(value) is None:
        return {"value": number(value), "low": None, "high": None}
    low, high = np.percentile(known, [2.5, 97.5])
    return {"value": number(value), "low": number(low), "high": number(high)}


def wilson(share: float, rows: float) -> tuple[float, float]:
    """The 95 % interval of a share seen in independent ``rows`` (Wilson 1927), within 0 and 1.

    >>> low, high = wilson(0.0, 100)
    >>> low, round(high, 3)
    (0.0, 0.037)
    """
    if not rows:
        return share, share
    weight = TWO_SIDED_95**2 / rows
    middle = (share + weight / 2) / (1 + weight)
    half = (TWO_SIDED_95 / (1 + weight)) * math.sqrt(share * (1 - share) / rows + weight / 4 / rows)
    return max(0.0, middle - half), min(1.0, middle + half)


def rate_interval(rate: float, rows: int, drawn: np.ndarray) -> dict:
    """A rate with the wider of two intervals: of the draws, and of as many independent rows.

    Where nothing happened every draw says zero, and would promise that nothing ever will.
    """
    figure = interval(rate, drawn)
    low, high = wilson(rate, rows)
    ends = [figure["low"], figure["high"]]
    lows, highs = ([end for end in ends if end is not None] + [bound] for bound in (low, high))
    return {**figure, "low": number(min(lows)), "high": number(max(highs))}


def binary_figures(labels: np.ndarray, predicted: np.ndarray, drawn: Resampling) -> dict:
    """All figures of a binary model with their intervals."""
    losses = metrics.log_losses(labels, predicted)
    sums = drawn.totals(np.column_stack([np.ones(len(labels)), labels, predicted, losses]))
    rows, positives, promised, _ = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = promised / positives
        mean_losses = sums[:, 3] / rows
    return {
        "auc": interval(metrics.auc(labels, predicted), auc_draws(labels, predicted, drawn)),
        "normalized_entropy": interval(
            metrics.normalized_entropy(labels, predicted),
            normalized_entropy_draws(labels, losses, 2, drawn),
        ),
        "calibration_ratio": interval(metrics.calibration_ratio(labels, predicted), ratios),
        "calibration_error": calibration_error_figure(labels, predicted, drawn),
        "log_loss": interval(metrics.log_loss(labels, predicted), mean_losses),
    }


def class_figures(labels: np.ndarray, predicted: np.ndarray, drawn: Resampling) -> dict:
    """All figures of a model of several classes; calibration is that of the most probable class."""
    sure, hit = predicted.max(axis=1, initial=0), predicted.argmax(axis=1) == labels
    losses = metrics.class_losses(labels, predicted)
    rows, hits, promised, lost = drawn.totals(
        np.column_stack([np.ones(len(labels)), hit, sure, losses])
    ).T
    with np.errstate(divide="ignore", invalid="ignore"):
        accuracies, ratios, mean_losses = hits / rows, promised / hits, lost / rows
    classes = predicted.shape[1]
    return {
        "accuracy": interval(metrics.accuracy(labels, predicted), accuracies),
        "normalized_entropy": interval(
            metrics.class_normalized_entropy(labels, predicted),
            normalized_entropy_draws(labels, losses, classes, drawn),
        ),
        "calibration_ratio": interval(metrics.calibration_ratio(hit, sure), ratios),
        "calibration_error": calibration_error_figure(hit, sure, drawn),
        "log_loss": interval(losses.mean() if len(losses) else np.nan, mean_losses),
    }


def calibration_error_figure(labels, predicted, drawn: Resampling) -> dict:
    """The calibration error, give or take the noise of its bins.

    It is a sum of absolute gaps, which every draw widens, so draws of it say nothing. But no true
    error is further from the measured one than the sum of what chance moves the gaps by (triangle
    inequality), and the draws say how much that is: the interval is never too narrow.
    """
    value = metrics.calibration_error(labels, predicted)
    bins = metrics.mass_bins(predicted)
    gaps = (predicted - labels)[:, None] * (bins[:, None] == np.arange(bins.max(initial=0) + 1))
    sums = drawn.totals(np.column_stack([np.ones(len(labels)), gaps]))
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.abs(sums[:, 1:] / sums[:, :1] - gaps.sum(axis=0) / len(labels)).sum(axis=1)
    known = moved[np.isfinite(moved)]
    if len(known) <= len(moved) / 2 or number(value) is None:
        return interval(value)
    noise = np.percentile(known, 95)
    return {**interval(value), "low": number(max(value - noise, 0)), "high": number(value + noise)}


def difference_figure(labels, challenger, champion, drawn: Resampling) -> dict:
    """Normalized entropy of the challenger minus the champion's, on the same rows and draws."""
    binary = challenger.ndim == 1
    loss = metrics.log_losses if binary else metrics.class_losses
    gaps = loss(labels, challenger) - loss(labels, champion)
    classes = 2 if binary else challenger.shape[1]
    base = metrics.class_entropy(labels, classes)
    value = gaps.mean() / base if len(gaps) else np.nan
    return interval(value, normalized_entropy_draws(labels, gaps, classes, drawn))


def normalized_entropy_draws(labels, losses, classes: int, drawn: Resampling) -> np.ndarray:
    """Per draw, the losses over the entropy of the drawn labels; shape (draws,)."""
    one_of = np.asarray(labels)[:, None] == np.arange(classes)
    sums = drawn.totals(np.column_stack([losses, one_of]))
    counts = sums[:, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = counts / counts.sum(axis=1, keepdims=True)
        return sums[:, 0] / -(counts * np.log(np.where(shares > 0, shares, 1))).sum(axis=1)


def auc_draws(labels: np.ndarray, scores: np.ndarray, drawn: Resampling) -> np.ndarray:
    """The AUC of each draw; scores are ranked once."""
    _, group = np.unique(scores, return_inverse=True)
    return np.array([_auc(labels, group, weight[drawn.listener]) for weight in drawn.weights])


def _auc(labels: np.ndarray, group: np.ndarray, weights: np.ndarray) -> float:
    positive = np.bincount(group, weights=weights * labels)
    negative = np.bincount(group, weights=weights) - positive
    return metrics.auc_of_groups(positive, negative)
