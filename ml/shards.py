"""One shard of an ingested day, without the listeners who asked to be forgotten."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ml.errors import SourceUnreadable
from ml.privacy import PseudonymKey, pseudonym, shard_of, without_forgotten


def shard(
    ingested: Path,
    *,
    number: int,
    forgotten: pd.DataFrame | Sequence[pd.DataFrame] | None = None,
    listeners: tuple[str, ...] = ("listener",),
) -> Path | pd.DataFrame:
    """The rows of one shard: the ingested file itself when nobody has to be left out.

    ``listeners`` are the columns of the table that hold listeners (``Contract.listeners``); a row
    goes when any of them is forgotten. Rows lie in the shard of the column ``listener``, so the
    listeners of any other column may live in any shard: ``forgotten`` is then the sequence of all
    shards' lists, and ValueError is raised for one list alone, which would leave some of them in.
    """
    path = ingested / f"shard-{number:03d}.parquet"
    if forgotten is None:
        return path
    if isinstance(forgotten, pd.DataFrame):
        if len(listeners) > 1:
            raise ValueError(
                f"A row of this table names listeners of several shards ({', '.join(listeners)}), "
                "and forgotten is the list of one; pass a sequence with the lists of all shards."
            )
        forgotten = [forgotten]
    gone = pd.concat([*forgotten], ignore_index=True)
    return path if gone.empty else without_forgotten(pd.read_parquet(path), gone, listeners)


def forgotten(listed: Path, *, key: PseudonymKey, shard: int, shards: int) -> pd.DataFrame:
    """Pseudonyms of a shard's forgotten listeners, from a CSV with a column ``listener``.

    Raises SourceUnreadable when the list has no such column: forgetting nobody by mistake would
    be worse than stopping.
    """
    rows = pd.read_csv(listed, dtype="str", keep_default_na=False)
    if "listener" not in rows.columns:
        raise SourceUnreadable(
            listed, "a CSV with a column listener", f"columns {', '.join(map(str, rows.columns))}",
            "Give the list a header line: listener",
        )
    names = pseudonym(rows["listener"], key).drop_duplicates()
    mine = names[shard_of(names, shards) == shard]
    return pd.DataFrame({"listener": mine.sort_values().to_numpy(dtype=object)}, dtype="str")
