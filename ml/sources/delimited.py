"""Delimited text with a header, every value as text, rows that cannot be split set aside."""

import io
from pathlib import Path

import pandas as pd

from ml.errors import SourceUnreadable
from ml.sources.files import FETCH_AGAIN, text
from ml.sources.source import unreadable


def delimited(path: Path, expected: str, delimiter: str = ",") -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows (text, and ``_line``, the header being line 1) and the rows that were not.

    Values are never quoted over several lines in the logs this is for.
    """
    return split(text(path, expected), path, expected, delimiter)


def split(
    lines: str, path: Path, expected: str, delimiter: str, *, quoted: bool = True, above: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same of ``lines`` that begin with the header, ``above`` of the file's standing above it.

    Unless ``quoted``, a quotation mark is a character like any other.
    """
    import pyarrow as pa
    from pyarrow import csv

    header = lines.split("\n", 1)[0].rstrip("\r").split(delimiter)
    odd: list[tuple[int, str]] = []

    def set_aside(row: csv.InvalidRow) -> str:
        odd.append((row.number + above, f"{row.actual_columns} values, not {row.expected_columns}"))
        return "skip"

    try:
        table = csv.read_csv(
            io.BytesIO(lines.encode()),
            read_options=csv.ReadOptions(use_threads=False),
            # A blank line inside the file is a row that cannot be split, and keeps lines counted.
            parse_options=csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if quoted else False,
                invalid_row_handler=set_aside,
                ignore_empty_lines=False,
            ),
            convert_options=csv.ConvertOptions(
                column_types={name: pa.string() for name in header}, strings_can_be_null=False
            ),
        )
    except pa.ArrowException as error:
        raise SourceUnreadable(path, expected, str(error).splitlines()[0], FETCH_AGAIN) from error
    rows = table.to_pandas()
    taken = {number for number, _ in odd}
    first = above + 2
    kept = [line for line in range(first, first + len(rows) + len(odd)) if line not in taken]
    return rows.assign(_line=kept), unreadable(odd)
