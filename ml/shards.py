"""One shard of an ingested day, and the list of listeners who asked to be forgotten."""

from pathlib import Path

import pandas as pd

from ml.errors import SourceUnreadable
from ml.privacy import PseudonymKey, pseudonym, token


def file_of(number: int) -> str:
    """The file of a shard in an ingested day."""
    return f"shard-{number:03d}.parquet"


def shard(ingested: Path) -> Path:
    """The rows of one shard, as they were ingested."""
    return ingested


def forgotten(listed: Path, *, key: PseudonymKey) -> pd.DataFrame:
    """The tokens of forgotten listeners, sorted, from a CSV with a column ``listener``.

    Raises SourceUnreadable when the list has no such column: forgetting nobody by mistake would
    be worse than stopping.
    """
    rows = read_list(listed)
    tokens = token(pseudonym(rows["listener"], key)).drop_duplicates().sort_values()
    return pd.DataFrame({"token": tokens.to_numpy(dtype=object)}, dtype="str")


def read_list(listed: Path) -> pd.DataFrame:
    """A list of listeners as text. Raises SourceUnreadable without a column ``listener``."""
    rows = pd.read_csv(listed, dtype="str", keep_default_na=False)
    if "listener" not in rows.columns:
        raise SourceUnreadable(
            listed, "a CSV with a column listener", f"columns {', '.join(map(str, rows.columns))}",
            "Give the list a header line: listener",
        )
    return rows
