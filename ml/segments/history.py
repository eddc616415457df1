"""Last night's segments as something another family may know of a listener."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ml.segments.assignment import UNKNOWN
from ml.segments.membership import earlier


def segment_before(rows: pd.DataFrame, membership: Sequence[Path] | None) -> pd.Series:
    """The segment's id of each row's ``listener``, in the rows' index; "unknown yet" for the rest.

    ``membership`` are the files of the last night before the rows' day, one a shard, as a family's
    functions are given them for a parameter of that name (None before the first night). So a row
    knows what was said before its day, and never what was said later.
    """
    known = earlier(rows["listener"], membership or ())["segment"]
    return known.where(known != "", UNKNOWN).rename("segment").astype("str")
