"""How far a calibrated probability may be off, because the calibration days were only so many.

The interval is that of the calibration (level and slope on the logit), from the sandwich
covariance with listeners as clusters (Liang and Zeger 1986): answers of one listener go together.
It says how well the rate of rows scored like this one is known, not how much listeners with equal
scores still differ, and not what another training day would have changed in the trees.
"""

import numpy as np
import pandas as pd

TWO_SIDED_95 = 1.959963985


def sandwich(
    slopes: np.ndarray, weights: np.ndarray, residuals: np.ndarray, priors: np.ndarray,
    listeners: pd.Series,
) -> np.ndarray:
    """Covariance of fitted parameters, shape (parameters, parameters).

    ``slopes`` (rows, parameters) are the derivatives of each row's logit, ``weights`` and
    ``residuals`` (rows,) the variance and the error of each row, ``priors`` the precision of each
    parameter's prior.
    """
    bread = np.linalg.inv((slopes * weights[:, None]).T @ slopes + np.diag(priors))
    codes, groups = pd.factorize(listeners)
    sums = np.stack(
        [
            np.bincount(codes, weights=residuals * column, minlength=len(groups))
            for column in slopes.T
        ],
        axis=1,
    )
    return bread @ (sums.T @ sums) @ bread


def spread(slopes: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Standard error of each row's logit, from the derivatives of shape (rows, parameters)."""
    return np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", slopes, covariance, slopes), 0))
