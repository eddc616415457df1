"""Text as numbers while rows are moved about: a code for each row, each different text once.

A day of plays names the same few thousand tracks a million times. Copying, comparing and sorting
codes costs a fraction of doing it to the text.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

TEXT = "str"


def coded(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with its columns of text as categories, which are sorted."""
    return frame.astype({name: "category" for name in frame if frame[name].dtype == TEXT})


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with its categories as the text they stand for."""
    texts = {str(name): _text(frame[name]) for name in frame if _is_coded(frame[name])}
    return frame.assign(**texts)


def renamed(values: pd.Series, function: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """``function`` of every value of a coded column, coded; called with each value once."""
    new = function(values.cat.categories.to_series()).astype("category")
    old = values.cat.codes.to_numpy()
    codes = np.where(old < 0, -1, new.cat.codes.to_numpy()[old]) if len(new) else old
    named = pd.Categorical.from_codes(codes, new.cat.categories)
    return pd.Series(named, values.index, name=values.name)


def _is_coded(values: pd.Series) -> bool:
    return isinstance(values.dtype, pd.CategoricalDtype)


def _text(values: pd.Series) -> pd.Series:
    text = values.cat.categories.array.take(values.cat.codes.to_numpy(), allow_fill=True)
    return pd.Series(text, values.index, dtype=TEXT)
