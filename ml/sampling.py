"""Which rows a model sees: one part of the examples, in one order, with some negatives left out.

Nothing here draws from a generator: whether a row is kept depends on the row and a seed alone,
so neither the order of rows, nor the number of shards, nor what else is in the frame matters.
"""

import numpy as np
import pandas as pd

from ml.family import ModelRecipe


def part(frames: list[pd.DataFrame], name: str) -> pd.DataFrame:
    """The rows of one part (``train``, ``stop`` or ``test``) of all frames, in canonical order.

    Frames without a ``part`` column (a family which splits by day) are taken whole.
    """
    chosen = [_of_part(frame, name) for frame in frames]
    filled = [frame for frame in chosen if len(frame)] or chosen[:1]
    return canonical(pd.concat(filled, ignore_index=True)) if filled else pd.DataFrame()


def _of_part(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    return frame[frame["part"] == name] if "part" in frame.columns else frame


def canonical(examples: pd.DataFrame) -> pd.DataFrame:
    """The rows by moment, listener and then content: one order, however they were sharded.

    Rows which agree in every column are interchangeable, so their order cannot matter.
    """
    identity = ["moment", "listener"]
    content = np.zeros(len(examples), dtype=np.uint64)
    tied = examples.duplicated(identity, keep=False).to_numpy()
    if tied.any():
        rows = examples.loc[tied, sorted(examples.columns)]
        content[tied] = pd.util.hash_pandas_object(rows, index=False).to_numpy()
    listeners, _ = pd.factorize(examples["listener"], sort=True)
    moments = examples["moment"].to_numpy().astype("datetime64[ms]").astype(np.int64)
    order = np.lexsort((content, listeners, moments))
    return examples.take(order).reset_index(drop=True)


def thin_negatives(examples: pd.DataFrame, recipe: ModelRecipe) -> pd.DataFrame:
    """All positives and the share ``keep_negatives`` of the negatives of canonical examples.

    Raises ValueError when the share is not in (0, 1], or is used with several classes.
    """
    rate = recipe.keep_negatives
    if not 0 < rate <= 1:
        raise ValueError(f"keep_negatives must be in (0, 1]; got {rate}. 1.0 keeps all negatives.")
    if rate < 1 and recipe.objective != "binary":
        raise ValueError("keep_negatives is for binary labels; it must be 1.0 for several classes.")
    if rate == 1:
        return examples
    kept = (examples["label"] == 1) | (lottery(examples, recipe.seed) < rate)
    return examples[kept].reset_index(drop=True)


def lottery(examples: pd.DataFrame, seed: int) -> np.ndarray:
    """A number in [0, 1) for each row, from listener, moment, position among equals, and seed."""
    identity = examples[["listener", "moment"]]
    identity = identity.assign(occurrence=identity.groupby(["listener", "moment"]).cumcount())
    ticket = pd.util.hash_pandas_object(identity, index=False, hash_key=f"{seed:016d}").to_numpy()
    return (_mixed(ticket) >> np.uint64(11)) * 2.0**-53


def _mixed(bits: np.ndarray) -> np.ndarray:
    """Spread every bit over all others (the finalizer of SplitMix64, Steele et al. 2014)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def undo_thinning(probabilities: np.ndarray, keep_negatives: float) -> np.ndarray:
    """Probabilities as they would be with all negatives (He et al. 2014, section 6.3).

    One click in two among a tenth of the negatives is one click in eleven among all of them:

    >>> float(round(undo_thinning(np.array([0.5]), 0.1)[0] * 11, 9))
    1.0
    """
    return probabilities / (probabilities + (1 - probabilities) / keep_negatives)
