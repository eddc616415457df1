"""What another choice of adverts would have earned, from what the ad server logged.

The log holds, for each opportunity, one advert, the probability ``propensity`` with which the
logging policy chose it, and what it earned. A target policy would have chosen that advert with
probability ``target``. Weighted by target over propensity, the logged earnings stand for those of
the target.

Assumed: propensities are true; whatever the target may choose could have been logged; and what
one opportunity earns does not depend on what was chosen at the others (a target policy in use
would tire listeners of other adverts than those that the log tired them of).
"""

from dataclasses import dataclass

import numpy as np

from ml.intervals import Resampling, interval
from ml.metrics import number
from ml.uncertainty import TWO_SIDED_95


@dataclass(frozen=True)
class Logged:
    """One entry an opportunity; arrays of one length, money in any one unit.

    ``foretold`` is the reward that a model expects of the logged advert, ``foretold_target`` what
    it expects of the target policy: the mean over its adverts, by the probabilities it gives them.
    ``stake`` is what one whole outcome would earn, such as the bid for a click.
    """

    reward: np.ndarray
    propensity: np.ndarray
    target: np.ndarray
    foretold: np.ndarray
    foretold_target: np.ndarray
    stake: np.ndarray

    @property
    def raw_weights(self) -> np.ndarray:
        """Importance weights, none clipped; on average 1."""
        return self.target / self.propensity

    @property
    def weights(self) -> np.ndarray:
        """Importance weights, clipped."""
        return clipped(self.raw_weights)


def clipped(weights: np.ndarray) -> np.ndarray:
    """Weights cut at the square root of their number.

    Truncated importance sampling (Ionides 2008): the bias this brings vanishes as the log grows,
    and no single answer decides.

    >>> clipped(np.array([0.0, 1.0, 5.0, 0.5])).tolist()
    [0.0, 1.0, 2.0, 0.5]
    """
    return np.minimum(weights, np.sqrt(len(weights)))


def inverse_propensity(logged: Logged, drawn: Resampling) -> dict:
    """The mean of the weighted rewards (Horvitz and Thompson 1952), with its interval."""
    nothing = np.zeros(len(logged.reward))
    return _figure(logged, nothing, logged.weights, nothing + 1, drawn)


def self_normalised(logged: Logged, drawn: Resampling) -> dict:
    """The weighted mean of the rewards (Swaminathan and Joachims 2015), with its interval.

    Dividing by the weights' sum, not by the number of rows, takes out the chance of how many
    opportunities happened to be filled as the target would; it costs a bias that vanishes.
    """
    nothing = np.zeros(len(logged.reward))
    return _figure(logged, nothing, logged.weights, logged.weights, drawn)


def doubly_robust(logged: Logged, drawn: Resampling) -> dict:
    """What the model foretells, put right where the log knows better (Dudik et al. 2011).

    Right when the propensities are, or the model is; and surer than inverse propensities alone,
    for the weights stand only at what the model did not foresee.
    """
    return _figure(logged, _foreseen(logged), logged.weights, np.ones(len(logged.reward)), drawn)


def gain(logged: Logged, drawn: Resampling) -> dict:
    """The doubly robust value less what was really earned, on the same draws."""
    one = np.ones(len(logged.reward))
    return _figure(logged, _foreseen(logged), logged.weights - one, one, drawn)


def observed(reward: np.ndarray, drawn: Resampling) -> dict:
    """The mean reward of what was shown, with its bootstrap interval."""
    value, draws = _ratio(reward, np.ones(len(reward)), drawn)
    return interval(value, draws)


def diagnostics(logged: Logged) -> dict:
    """How much of the log speaks about the target.

    ``effective_rows`` is Kish's effective sample size (sum of weights squared over the sum of
    squares); ``mean_weight`` is near 1 unless the propensities are not those of the log.
    """
    raw, cut = logged.raw_weights, logged.weights
    squares = (cut**2).sum()
    return {
        "matched_rows": int((raw > 0).sum()),
        "effective_rows": number(cut.sum() ** 2 / squares if squares else 0.0),
        "mean_weight": number(raw.mean() if len(raw) else np.nan),
        "largest_weight": number(raw.max(initial=0)),
        "clipped_share": number((raw > cut).mean() if len(raw) else np.nan),
    }


def _foreseen(logged: Logged) -> np.ndarray:
    return logged.foretold_target - logged.weights * logged.foretold


def _figure(
    logged: Logged, base: np.ndarray, factor: np.ndarray, below: np.ndarray, drawn: Resampling
) -> dict:
    """The sum of ``base`` and ``factor`` times rewards over the sum of ``below``, and how sure.

    A bootstrap alone promises too much here: few rows carry weight and few of them earn, so a log
    without a lucky one looks certain (in the built-in world, 56 % of its 95 % intervals held the
    truth). So the spread is the larger of the bootstrap's, by listener, and the one that follows
    from each reward's own variance, of which all rows of the log tell (:func:`_variances`).
    """
    value, draws = _ratio(base + factor * logged.reward, below, drawn)
    if not np.isfinite(value):
        return interval(value)
    _, foreseen = _ratio(base + factor * logged.foretold, below, drawn)
    noise = (factor**2 * _variances(logged)).sum() / below.sum() ** 2
    reach = TWO_SIDED_95 * np.sqrt(max(np.nanvar(draws), np.nanvar(foreseen) + noise))
    return {"value": number(value), "low": number(value - reach), "high": number(value + reach)}


def _variances(logged: Logged) -> np.ndarray:
    """Each reward's variance: in proportion to stake times expectation, as of rare outcomes.

    The factor is Pearson's dispersion over the whole log (McCullagh and Nelder 1989, 9.2): it
    pays for outcomes that come together, and for what the model does not know.
    """
    shape = logged.stake * np.maximum(logged.foretold, 0)
    surprise = ((logged.reward - logged.foretold) ** 2).sum()
    return shape * surprise / max(shape.sum(), 1e-12)


def _ratio(above: np.ndarray, below: np.ndarray, drawn: Resampling) -> tuple[float, np.ndarray]:
    """The ratio of two sums, and that of each draw."""
    sums = drawn.totals(np.column_stack([above, below]))
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.divide(above.sum(), below.sum())), sums[:, 0] / sums[:, 1]
