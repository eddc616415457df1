"""Which rows a model sees: one part of the examples, in one order, with some negatives left out.

Nothing here draws from a generator: whether a row is kept depends on the row and a seed alone,
so neither the order of rows, nor the number of shards, nor what else is in the frame matters.
"""

import numpy as np
import pandas as pd

from ml.examples import Shards, columns, heading, pieces
from ml.family import ModelRecipe


def index(shards: Shards, part: str) -> pd.DataFrame:
    """Which labelled rows are of a part (``train``, ``stop`` or ``test``), in canonical order.

    Columns: listener, moment, label, ``weight`` if the examples have one, and ``position``, which
    counts the rows of all shards in the order given. Shards without a ``part`` column (a family
    which splits by day) are taken whole.
    Canonical is by moment, listener, and then impression, or content where there is none: one
    order, however the rows were sharded. Rows which agree in all of it are interchangeable.
    Rows whose label is missing are left out: absent is not zero.
    """
    found, start = [], 0
    for shard in shards:
        rows = columns(shard, ["listener", "moment", "label", "part", "weight"])
        rows["position"] = np.arange(start, start + len(rows))
        start += len(rows)
        found.append(labelled(of_part(rows, part)))
    filled = [rows for rows in found if len(rows)] or found[:1]
    return _ordered(pd.concat(filled, ignore_index=True), shards) if filled else pd.DataFrame()


def part(frames: list[pd.DataFrame], name: str) -> pd.DataFrame:
    """The rows of one part of all frames, with all their columns, in canonical order."""
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    if not filled:
        return pd.DataFrame()
    positions = index(filled, name)["position"].to_numpy()
    return labelled(pd.concat(filled, ignore_index=True).take(positions).reset_index(drop=True))


def of_part(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows of one part; those of a family which splits by day are taken whole."""
    return rows[rows["part"] == name].drop(columns="part") if "part" in rows.columns else rows


def labelled(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows whose label is known, as integers."""
    if rows["label"].dtype == "int64":
        return rows
    return rows.dropna(subset="label").astype({"label": "int64"})


def _ordered(rows: pd.DataFrame, shards: Shards) -> pd.DataFrame:
    """By moment; then, among the rows that tie, by listener, and among those by content."""
    moments = rows["moment"].to_numpy().astype("datetime64[ms]").astype(np.int64)
    keys = [moments]
    tied = _tied(keys)
    if tied.any():
        keys.insert(0, _among(tied, pd.factorize(rows.loc[tied, "listener"], sort=True)[0]))
        tied = _tied(keys)
    if tied.any():
        keys.insert(0, _among(tied, _content(shards, rows.loc[tied, "position"].to_numpy())))
    return rows.take(np.lexsort(keys)).reset_index(drop=True)


def _tied(keys: list[np.ndarray]) -> np.ndarray:
    """Which rows agree in all keys with another row."""
    order = np.lexsort(keys)
    same = np.logical_and.reduce([np.diff(key[order]) == 0 for key in keys])
    tied = np.zeros(len(order), dtype=bool)
    tied[order[:-1][same]] = tied[order[1:][same]] = True
    return tied


def _among(tied: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    found = np.zeros(len(tied), dtype=np.int64)
    found[tied] = ranks
    return found


def _content(shards: Shards, positions: np.ndarray) -> np.ndarray:
    """Numbers in the order of the rows' impressions, or different for different content."""
    names = sorted(set().union(*(heading(shard).columns for shard in shards)))
    named = all("impression" in heading(shard).columns for shard in shards)
    found = list(pieces(shards, positions, ["impression"] if named else names))
    rows = pd.concat([piece.set_axis(places) for places, piece in found]).sort_index()
    if named:
        return pd.factorize(rows["impression"], sort=True)[0]
    return pd.util.hash_pandas_object(rows[names], index=False).to_numpy().view(np.int64)


def thin_negatives(examples: pd.DataFrame, recipe: ModelRecipe) -> pd.DataFrame:
    """All positives and the share ``keep_negatives`` of the negatives of rows in canonical order.

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
