"""Train a recipe on frames of examples and judge it on later ones, as a night does."""

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.calibration import calibrated, fit_calibration, uncalibrated
from ml.family import ModelRecipe
from ml.intervals import normalized_entropy_draws, resample
from ml.metrics import log_losses, normalized_entropy
from ml.sampling import part
from ml.training import fit

DRAWS = 200


@dataclass(frozen=True)
class Judged:
    """A model's probabilities of the test rows, and what it took to learn it."""

    seconds: float
    rows: int
    trees: int
    labels: np.ndarray
    listeners: pd.Series
    uncorrected: np.ndarray
    """As the trees say, of the thinned rows they learnt from."""
    corrected: np.ndarray
    """With the thinning undone (He et al. 2014)."""
    calibrated: np.ndarray
    """And mapped by what the stop days say."""

    def entropy(self) -> float:
        """Normalized entropy of the calibrated probabilities."""
        return normalized_entropy(self.labels, self.calibrated)

    def against(self, other: "Judged") -> tuple[float, float, float]:
        """Difference of normalized entropy in % of the other's, with its 95 % interval."""
        return self.difference(self.calibrated, other, other.calibrated)

    def difference(self, mine, other: "Judged", theirs) -> tuple[float, float, float]:
        """The same of any two of their probabilities: paired, by listener."""
        gaps = log_losses(self.labels, mine) - log_losses(self.labels, theirs)
        scale = 100 / normalized_entropy(self.labels, theirs)
        drawn = resample(self.listeners, DRAWS, seed=7)
        draws = normalized_entropy_draws(self.labels, gaps, 2, drawn) * scale
        value = normalized_entropy(self.labels, mine) - normalized_entropy(self.labels, theirs)
        low, high = np.percentile(draws, [2.5, 97.5])
        return value * scale, low, high


def judged(train, stop, test, recipe: ModelRecipe) -> Judged:
    """Fit, calibrate and predict; ``seconds`` are the CPU seconds of the fit alone."""
    began = time.process_time()
    model = fit(list(train), list(stop), recipe=recipe)
    seconds = time.process_time() - began
    fitted = fit_calibration(model, list(stop), recipe=recipe)["calibration.json"]
    rows = part(list(test), "test")
    corrected = uncalibrated(model, rows)
    keep = recipe.keep_negatives
    return Judged(
        seconds, model["card.json"]["rows_used"], model["card.json"]["best_iteration"],
        rows["label"].to_numpy(), rows["listener"],
        corrected / (corrected + (1 - corrected) * keep), corrected,
        calibrated(corrected, fitted),
    )


def percent(found: tuple[float, float, float]) -> str:
    """A difference with its interval: ``+0.12 (-0.05 to +0.29)``."""
    value, low, high = found
    return f"{value:+.2f} ({low:+.2f} to {high:+.2f})"
