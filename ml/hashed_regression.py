"""A logistic regression on hashed values and pairs of values: the field's classic baseline.

Each value of each column is a coordinate, found by hashing (Weinberger et al. 2009), as is each
pair of values that is asked for: nothing has to be known of the columns. Fitted by stochastic
gradient descent with averaged weights, which runs on one thread, so the same examples give the
same bytes; then calibrated on the stop days like the model itself (Platt 1999).
"""

import numpy as np
import pandas as pd

from ml.calibration import calibrated, fit_platt

BITS = 20
EPOCHS = 5
STRENGTH = 1.0
"""Of the penalty, in rows: the customary C of 1 (half the squared weights beside summed losses)."""

MANY = 100
"""More distinct numbers than this are cut at quantiles: each value alone would teach nothing."""

CUTS = 32
SEED = 7


def hashed_regression(
    learnt: pd.DataFrame,
    watched: pd.DataFrame,
    judged: pd.DataFrame,
    columns: tuple[str, ...],
    pairs: tuple[tuple[str, str], ...] = (),
) -> np.ndarray:
    """Calibrated probabilities of the judged rows; shape (rows,)."""
    from sklearn.linear_model import SGDClassifier

    cuts = {name: quantile_cuts(learnt[name]) for name in columns}
    model = SGDClassifier(
        loss="log_loss",
        alpha=STRENGTH / len(learnt),
        max_iter=EPOCHS,
        tol=None,
        average=True,
        random_state=SEED,
    )
    model.fit(hashed(learnt, cuts, pairs), learnt["label"].to_numpy())
    raw = model.predict_proba(hashed(watched, cuts, pairs))[:, 1]
    fitted = fit_platt(watched["label"].to_numpy(), raw, watched["listener"])
    if judged.empty:
        return np.zeros(0)
    return calibrated(model.predict_proba(hashed(judged, cuts, pairs))[:, 1], fitted)


def quantile_cuts(column: pd.Series) -> np.ndarray | None:
    """Where a column of many distinct numbers is cut; None for text and for few numbers."""
    if not pd.api.types.is_numeric_dtype(column) or column.nunique() <= MANY:
        return None
    return np.unique(column.dropna().quantile(np.arange(1, CUTS) / CUTS).to_numpy(dtype=float))


def hashed(frame: pd.DataFrame, cuts: dict, pairs: tuple[tuple[str, str], ...]):
    """The rows as a sparse matrix of length 1: each column and each pair has a place in a row."""
    from scipy.sparse import csr_matrix

    tokens = {name: _tokens(frame[name], name, cut) for name, cut in cuts.items()}
    crossed = [_mixed(tokens[one], tokens[other]) for one, other in pairs]
    places = np.column_stack([*tokens.values(), *crossed]) >> np.uint64(64 - BITS)
    rows, width = places.shape
    starts = np.arange(0, rows * width + 1, width)
    values = np.full(rows * width, width**-0.5)
    return csr_matrix((values, places.astype(np.int32).ravel(), starts), shape=(rows, 1 << BITS))


def _tokens(column: pd.Series, name: str, cuts: np.ndarray | None) -> np.ndarray:
    """A 64-bit hash of each row's value and its column's name; missing is a value of its own."""
    values = column.astype("str") if cuts is None else _binned(column, cuts)
    codes, found = pd.factorize(values, use_na_sentinel=False)
    spoken = np.array([f"{name}={value}" for value in found], dtype=object)
    return pd.util.hash_array(spoken, categorize=False)[codes]


def _binned(column: pd.Series, cuts: np.ndarray) -> np.ndarray:
    numbers = column.to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isnan(numbers), -1, np.searchsorted(cuts, numbers, side="right"))


def _mixed(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """One hash of two; multiplying by odd numbers loses nothing and mixes the upper bits."""
    return (one * np.uint64(0x9E3779B97F4A7C15) ^ other) * np.uint64(0xBF58476D1CE4E5B9)
