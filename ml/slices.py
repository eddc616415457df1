"""The parts of the test rows that a model is looked at separately in."""

import numpy as np
import pandas as pd

Group = tuple[str, str, np.ndarray]
"""Slice, value, and which rows have it."""


def slices_of(
    judged: pd.DataFrame, slices: tuple[str, ...], minimum_rows: int
) -> tuple[list[Group], list[str]]:
    """Slice, value and mask of every value with enough rows; and a note on what was left out."""
    groups, notes = [], []
    for name in slices:
        if name not in judged.columns:
            notes.append(f"The test examples have no column {name}: not judged by {name}.")
            continue
        column = judged[name].astype("str").fillna("unknown")
        counts = column.value_counts().sort_index()
        if len(counts) == 1:
            # Another copy of the figures of all rows would say nothing.
            notes.append(f"All test rows have {name} {counts.index[0]}: not judged by {name}.")
            continue
        small = counts.index[counts < minimum_rows].tolist()
        large = counts.index[counts >= minimum_rows].tolist()
        groups += [(name, value, (column == value).to_numpy()) for value in large]
        if small:
            some = ", ".join(small[:5]) + (", ..." if len(small) > 5 else "")
            notes.append(f"Too few rows (below {minimum_rows:,}) to judge by {name}: {some}.")
    return groups, notes
