"""Names looked for in every byte: as they are written, and inside what is packed.

Bytes of text (JSON, HTML, logs, a database's pages) are searched as they lie there. Parquet is
decoded as well: every value of every text column, and every entry of its dictionaries, used or
not; and NumPy's arrays of text. Two kinds of names are looked for: those of 16 hexadecimal digits,
anywhere, and ids of people's choice, as whole words.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HEX_DIGITS = 16

#: An id that is shorter than this is too likely to stand for something else in plain text, and is
#: looked for only among the values of tables.
SHORTEST = 6

_HEX = re.compile(rb"[0-9a-f]{%d,}" % HEX_DIGITS)
_WORDS = re.compile(rb"[^\s\x00-\x1f\x7f\"'<>,;(){}\[\]|\\&=]{%d,}" % SHORTEST)
_EDGES = re.compile(rb"[0-9A-Za-z\x80-\xff]+")
_BLOCK, _OVERLAP = 8 << 20, 512


class Names:
    """The names to look for: 16 hexadecimal digits each, and ids of any form."""

    def __init__(self, hexadecimal: Iterable[str], ids: Iterable[str] = ()):
        self._hex = frozenset(one.encode() for one in hexadecimal)
        self._ids = frozenset(one.encode() for one in ids)
        self._words = frozenset(one for one in self._ids if len(one) >= SHORTEST)
        self._longest = max(map(len, self._words), default=0)

    def in_file(self, path: Path) -> set[str]:
        """The names that a file has, as it lies there and decoded."""
        found: set[bytes] = set()
        with path.open("rb") as handle:
            while block := handle.read(_BLOCK):
                found |= self._in_bytes(block)
                if len(block) == _BLOCK:
                    handle.seek(-_OVERLAP, 1)
        for values in _decoded(path):
            found |= self.in_values(values)
        return {one.decode() for one in found}

    def in_text(self, text: str) -> set[str]:
        """The names that a text has."""
        return {one.decode() for one in self._in_bytes(text.encode("utf-8", "replace"))}

    def in_values(self, values: Iterable[Any]) -> set[bytes]:
        """The names that are among values, or in one of them."""
        found: set[bytes] = set()
        for value in values:
            if isinstance(value, (str, bytes)):
                content = value if isinstance(value, bytes) else value.encode("utf-8", "replace")
                found |= {content} & self._ids
                if len(content) >= SHORTEST:
                    found |= self._in_bytes(content)
        return found

    def without(self, content: bytes, instead: bytes) -> bytes:
        """A text with something else instead of each name."""
        for name in self._in_bytes(content):
            content = content.replace(name, instead)
        return content

    def _in_bytes(self, content: bytes) -> set[bytes]:
        found: set[bytes] = set()
        if self._hex:
            for run in set(_HEX.findall(content)):
                last = len(run) - HEX_DIGITS
                found.update(run[at : at + HEX_DIGITS] for at in range(last + 1))
            found &= self._hex
        if self._words:
            for run in set(_WORDS.findall(content)):
                found |= self._in_word(run)
        return found

    def _in_word(self, run: bytes) -> set[bytes]:
        """The ids that a run of characters has, each ending where letters and digits do."""
        if run in self._words:
            return {run}
        edges = [match.span() for match in _EDGES.finditer(run)]
        found: set[bytes] = set()
        for number, (first, _) in enumerate(edges):
            for _, last in edges[number:]:
                if last - first > self._longest:
                    break
                found.add(run[first:last])
        return found & self._words


def _decoded(path: Path) -> Iterator[Iterable[Any]]:
    """The text values inside a packed file; none when it is not what its name says."""
    if path.name.endswith(".parquet"):
        yield from _in_parquet(path)
    elif path.name.endswith(".npy"):
        import numpy

        try:
            array = numpy.load(path, allow_pickle=False)
        except (ValueError, OSError, EOFError):
            return  # torn, as graves are: its bytes were searched
        if array.dtype.kind in "US":
            yield array.ravel().tolist()


def _in_parquet(path: Path) -> Iterator[Iterable[Any]]:
    import pyarrow
    import pyarrow.parquet

    try:
        schema = pyarrow.parquet.ParquetFile(path).schema
        names = [schema.column(number).path for number in range(len(schema))]
        file = pyarrow.parquet.ParquetFile(path, read_dictionary=names)
        for group in range(file.num_row_groups):
            for column in file.read_row_group(group).columns:
                for chunk in column.chunks:
                    yield from _texts(chunk)
    except (pyarrow.ArrowException, OSError):
        return  # torn, as graves are: its bytes were searched


def _texts(chunk: Any) -> Iterator[Iterable[Any]]:
    """The texts of an Arrow array, of its dictionary, and of what is nested in it."""
    import pyarrow

    kind = chunk.type
    if pyarrow.types.is_dictionary(kind):
        yield from _texts(chunk.dictionary)
    elif pyarrow.types.is_struct(kind):
        for part in chunk.flatten():
            yield from _texts(part)
    elif pyarrow.types.is_list(kind) or pyarrow.types.is_large_list(kind):
        yield from _texts(chunk.flatten())
    elif _is_text(kind):
        yield chunk.unique().to_pylist()


def _is_text(kind: Any) -> bool:
    import pyarrow

    return any(check(kind) for check in (
        pyarrow.types.is_string, pyarrow.types.is_large_string, pyarrow.types.is_string_view,
        pyarrow.types.is_binary, pyarrow.types.is_large_binary))
