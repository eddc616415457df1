"""A frame as a table of Arrow: what ``pyarrow.Table.from_pandas`` gives, to the byte.

A night writes hundreds of frames that differ in nothing but their cells, and to describe columns,
for pandas to read them back as they were, takes longer than to hand over what is in them. So what
is said of columns is kept for the next frame that has the same.
"""

import functools
from typing import Any

#: Kinds of NumPy's types that are numbers or times, as they lie in memory.
NUMBERS_AND_TIMES = "iufbmM"


def table_of(frame: Any, kinds: dict[str, Any]) -> Any:
    """The table of a frame of numbers, times and text, by the types of its columns."""
    import pyarrow

    if not _has_names_and_a_count(frame):
        return pyarrow.Table.from_pandas(frame, nthreads=1)
    arrays = [pyarrow.array(column.to_numpy() if column.dtype.kind in NUMBERS_AND_TIMES else column,
                            from_pandas=True) for _, column in frame.items()]  # fmt: skip
    schema = _schema(tuple(kinds), tuple(kinds.values()))
    counted = schema.metadata[b"pandas"].replace(b'"stop": 0', b'"stop": %d' % len(frame), 1)
    return pyarrow.Table.from_arrays(arrays, schema=schema.with_metadata({b"pandas": counted}))


def is_counted(frame: Any) -> bool:
    """Whether rows have no names but their numbers."""
    return type(frame.index).__name__ == "RangeIndex"


def _has_names_and_a_count(frame: Any) -> bool:
    """Whether columns have text for names and rows are counted from 0, and neither is called."""
    columns, index = frame.columns, frame.index
    return (str(columns.dtype) == "str" and columns.name is None and index.name is None
            and is_counted(frame) and (index.start, index.step) == (0, 1))


@functools.lru_cache(maxsize=1000)
def _schema(names: tuple[str, ...], kinds: tuple[Any, ...]) -> Any:
    """What Arrow says of a frame without rows that has such columns."""
    import pandas
    import pyarrow

    columns = {name: pandas.Series(dtype=kind) for name, kind in zip(names, kinds, strict=True)}
    return pyarrow.Schema.from_pandas(pandas.DataFrame(columns))
