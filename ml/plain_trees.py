"""Plain LightGBM: raw columns, ids as integers, customary parameters, no history of anything."""

import numpy as np
import pandas as pd

from ml.training import THREADS

PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 31,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 7,
    "verbosity": -1,
}
ROUNDS, PATIENCE = 500, 30


def plain_trees(
    learnt: pd.DataFrame,
    watched: pd.DataFrame,
    judged: pd.DataFrame,
    columns: tuple[str, ...],
    pairs: tuple[tuple[str, str], ...] = (),
) -> np.ndarray:
    """Probabilities of the judged rows, as they come; shape (rows,). ``pairs`` trees find alone."""
    import lightgbm

    codes = {name: _codes(learnt[name]) for name in columns}
    learning = lightgbm.Dataset(numbers(learnt, codes), learnt["label"].to_numpy())
    stopping = learning.create_valid(numbers(watched, codes), watched["label"].to_numpy())
    booster = lightgbm.train(
        {**PARAMETERS, "num_threads": THREADS},
        learning,
        num_boost_round=ROUNDS,
        valid_sets=[stopping],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )
    if judged.empty:
        return np.zeros(0)
    return np.asarray(booster.predict(numbers(judged, codes), num_threads=THREADS))


def _codes(column: pd.Series) -> pd.Index | None:
    """The sorted values of a column of text, whose positions are its codes; None for numbers."""
    if pd.api.types.is_numeric_dtype(column):
        return None
    return pd.Index(sorted(column.dropna().astype("str").unique()), dtype="str")


def numbers(frame: pd.DataFrame, codes: dict) -> np.ndarray:
    """The columns as float32 of shape (rows, columns); missing and unseen values are NaN."""
    matrix = np.full((len(frame), len(codes)), np.nan, dtype=np.float32)
    for position, (name, known) in enumerate(codes.items()):
        if known is None:
            matrix[:, position] = frame[name].to_numpy(dtype=np.float32, na_value=np.nan)
        else:
            found = known.get_indexer(pd.Index(frame[name].astype("str")))
            matrix[:, position] = np.where(found < 0, np.nan, found)
    return matrix
