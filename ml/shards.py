"""One shard of an ingested day, without the listeners who asked to be forgotten."""

from pathlib import Path

import pandas as pd

from ml.errors import SourceUnreadable
from ml.privacy import PseudonymKey, pseudonym, shard_of, without_forgotten


def shard(
    ingested: Path, *, number: int, forgotten: pd.DataFrame | None = None
) -> Path | pd.DataFrame:
    """The rows of one shard: the ingested file itself when nobody has to be left out."""
    path = ingested / f"shard-{number:03d}.parquet"
    if forgotten is None or forgotten.empty:
        return path
    return without_forgotten(pd.read_parquet(path), forgotten)


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
