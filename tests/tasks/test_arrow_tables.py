"""A frame becomes the table that Arrow itself would make of it, whatever frame came before."""

import numpy as np
import pandas as pd
import pyarrow
import pytest

from tasks.engine.arrow_tables import table_of

WHEN = pd.Series(pd.to_datetime(["2026-02-03 04:05:06", None, "2026-02-04 00:00:00"]))


def frame(**columns):
    return pd.DataFrame(columns)


FRAMES = {
    "numbers": frame(i8=np.array([1, -2, 3], "int8"), u64=np.array([1, 2, 2**63], "uint64"),
                     f32=np.array([0.5, np.nan, -np.inf], "float32"), f64=[np.nan] * 3),
    "yes and no": frame(yes=[True, False, True]),
    "times": frame(ms=WHEN.astype("datetime64[ms]"), us=WHEN.astype("datetime64[us]"),
                   ns=WHEN.astype("datetime64[ns]")),
    "text": frame(text=["ü", None, ""], none=pd.Series([None] * 3, dtype="str")),
    "one row": frame(number=[1], text=["a"]),
    "the same with more": frame(number=[1, 2, 3], text=["a", None, "c"]),
    "a column called stop": frame(**{'"stop": 0': [1, 2], "stop": [3, 4]}),
    "rows of another frame": frame(number=range(5)).iloc[1:4],
    "every other row": frame(number=range(5)).iloc[::2],
    "rows with a name": frame(number=[1, 2]).rename_axis("row"),
    "columns with a name": frame(number=[1, 2]).rename_axis("column", axis=1),
    "names as objects": pd.DataFrame([[1, 2]], columns=pd.Index(["a", "b"], dtype=object)),
    "a slice of columns": frame(a=[1.0, 2.0], b=[3.0, 4.0], c=[5.0, 6.0])[["a", "c"]],
}  # fmt: skip


@pytest.mark.parametrize("name", FRAMES)
def test_it_is_what_arrow_makes(name):
    made, expected = (of(FRAMES[name]) for of in (ours, pyarrow.Table.from_pandas))
    assert made.equals(expected, check_metadata=True)
    assert made.schema.metadata == expected.schema.metadata
    pd.testing.assert_frame_equal(made.to_pandas(), expected.to_pandas())


def ours(frame):
    return table_of(frame, dict(zip(frame.columns, frame.dtypes, strict=True)))
