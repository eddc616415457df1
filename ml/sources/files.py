"""Reading files that may be empty, cut short, or not what their name says."""

import gzip
import zlib
from pathlib import Path

import pandas as pd

from ml.errors import SourceUnreadable

GZIP_MAGIC = b"\x1f\x8b"
FETCH_AGAIN = "Fetch the file again; if it is the same at its origin, ask its owner to repair it."


def content(path: Path, expected: str) -> bytes:
    """The bytes of a file, decompressed when it is gzip."""
    data = _bytes(path, expected)
    if not data.startswith(GZIP_MAGIC):
        if path.suffix == ".gz":
            found = f"a file that is not gzip (it begins with {data[:8].hex(' ')})"
            raise SourceUnreadable(path, expected, found, FETCH_AGAIN)
        return data
    try:
        plain = gzip.decompress(data)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        found = f"gzip that is cut short or damaged after {len(data):,} bytes ({error})"
        raise SourceUnreadable(path, expected, found, FETCH_AGAIN) from error
    if not plain:
        raise SourceUnreadable(path, expected, "gzip of an empty file", FETCH_AGAIN)
    return plain


def text(path: Path, expected: str) -> str:
    """The text of a UTF-8 file."""
    data = content(path, expected)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = f"a byte that is not UTF-8 ({data[error.start]:#04x}, in line {line:,})"
        advice = "Write the file as UTF-8, or fetch it again if it was damaged on the way."
        raise SourceUnreadable(path, f"{expected}, in UTF-8", found, advice) from error


def parquet(path: Path) -> pd.DataFrame:
    """The rows of a Parquet file, with ``_line`` counting from 1."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.stat().st_size == 0:
        raise SourceUnreadable(path, "a Parquet file", "an empty file (0 bytes)", FETCH_AGAIN)
    try:
        with pq.ParquetFile(path) as file:
            # Integers beside nulls stay integers; as float64 they would lose digits.
            rows = file.read().to_pandas(integer_object_nulls=True)
    except (pa.ArrowException, OSError) as error:
        found = f"{path.stat().st_size:,} bytes that are not whole Parquet ({_first_line(error)})"
        raise SourceUnreadable(path, "a Parquet file", found, FETCH_AGAIN) from error
    rows = rows.reset_index(drop=True)
    return rows.assign(_line=range(1, len(rows) + 1))


def _bytes(path: Path, expected: str) -> bytes:
    data = path.read_bytes()
    if not data:
        raise SourceUnreadable(path, expected, "an empty file (0 bytes)", FETCH_AGAIN)
    return data


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:120]
