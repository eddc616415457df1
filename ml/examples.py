"""Examples where they lie: frames, or Parquet files of which only the asked parts are read.

A training that reads the few columns that order its rows, and then every file a piece at a time,
never holds more than its matrix; frames in memory are taken the same way.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

Shards = Sequence[Path] | Sequence[pd.DataFrame]
"""Examples of several days and shards, in any order and number."""

PIECE = 65_536
"""Rows of a file that are in memory at once."""


def heading(shard: Path | pd.DataFrame) -> pd.DataFrame:
    """The shard's columns with their types, and no rows."""
    if isinstance(shard, pd.DataFrame):
        return shard[:0]
    with _opened(shard) as file:
        return file.schema_arrow.empty_table().to_pandas()


def length(shard: Path | pd.DataFrame) -> int:
    """How many rows a shard has."""
    if isinstance(shard, pd.DataFrame):
        return len(shard)
    with _opened(shard) as file:
        return file.metadata.num_rows


def columns(shard: Path | pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Those of the named columns that the shard has, every row."""
    if isinstance(shard, pd.DataFrame):
        return shard[_there(shard.columns, names)].reset_index(drop=True)
    with _opened(shard) as file:
        there = _there(file.schema_arrow.names, names)
        return file.read(there).to_pandas().reset_index(drop=True)


def pieces(
    shards: Shards, positions: np.ndarray, names: list[str]
) -> Iterator[tuple[np.ndarray, pd.DataFrame]]:
    """The wanted rows, a piece of a shard at a time: their places in ``positions``, and columns.

    ``positions`` count the rows of all shards in the order they are given in. A column that a
    shard does not have is not in its pieces.
    """
    order = np.argsort(positions, kind="stable")
    wanted = positions[order]
    start = 0
    for shard in shards:
        for piece in _pieces(shard, names):
            low, high = np.searchsorted(wanted, [start, start + len(piece)])
            if low < high:
                inside = wanted[low:high] - start
                chosen = piece if high - low == len(piece) else piece.take(inside)
                yield order[low:high], chosen
            start += len(piece)


def _pieces(shard: Path | pd.DataFrame, names: list[str]) -> Iterator[pd.DataFrame]:
    if isinstance(shard, pd.DataFrame):
        there = _there(shard.columns, names)
        for first in range(0, len(shard), PIECE):
            yield shard.iloc[first : first + PIECE][there]
        return
    with _opened(shard) as file:
        there = _there(file.schema_arrow.names, names)
        for batch in file.iter_batches(PIECE, columns=there):
            yield batch.to_pandas()


def _opened(shard: Path):
    import pyarrow.parquet

    return pyarrow.parquet.ParquetFile(shard)


def _there(known: Iterable[str], names: list[str]) -> list[str]:
    present = set(known)
    return [name for name in names if name in present]
