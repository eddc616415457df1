"""Open formats for what recipes return: Parquet, JSON, text, bytes, NumPy arrays; never pickle.

A dict whose keys are file names (``{"model.txt": ..., "card.json": ...}``) is a folder of
files; any other value is one file called ``payload``.
"""

import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tasks.engine.arrow_tables import NUMBERS_AND_TIMES, is_counted, table_of
from tasks.engine.errors import UnsupportedPayload

#: Frames of so many cells are not worth zstd, which takes longer to set up than to compress them.
_FEW_CELLS = 1 << 17

_BUFFER = 1 << 20

#: Types of columns that are in Parquet what they are in pandas.
_PLAIN = {"bool", "float32", "float64", "str", "datetime64[ms]", "datetime64[us]",
          "datetime64[ns]", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))}

#: Told of a file, and of the table that it holds.
Keep = Callable[[Path, Any], None]

_FILE_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.=-]*\.[a-z0-9]+$")


def write(value: Any, folder: Path, keep: Keep = lambda path, table: None) -> str:
    """Write a value into an empty folder and return the codec's name, as manifests record it.

    ``keep`` is told of each file that holds a frame's Arrow table as it is, and of the table: made
    into a frame again, it is what reading the file would give.
    Raises `UnsupportedPayload` for what would not come back as it went in.
    """
    if _is_folder(value):
        for name, item in value.items():
            _write_file(item, folder / name, keep)
        return "files"
    return _write_file(value, folder / f"payload{_suffix(value)}", keep)


def read_file(path: Path) -> Any:
    """The value of one file that `write` wrote, by its suffix."""
    default = _read_text if path.suffix in _TEXTS else Path.read_bytes
    return _READERS.get(path.suffix, default)(path)


def read_bytes(content: bytes, suffix: str) -> Any:
    """As `read_file`, from the file's bytes."""
    if suffix == ".json":
        return json.loads(content)
    if suffix == ".parquet":
        import pyarrow

        return _read_frame(pyarrow.BufferReader(content))
    if suffix in _READERS:
        return _READERS[suffix](io.BytesIO(content))
    return content.decode("utf-8") if suffix in _TEXTS else content


def place(codec: str, folder: Path, names: list[str]) -> Path:
    """Where a payload lies, for a recipe that wants its path: a folder of files, or one file."""
    return folder if codec == "files" else folder / names[0]


def rows_of(value: Any) -> int | None:
    """Rows of a frame, or of all frames of a folder of files; None when there is no frame."""
    if is_frame(value):
        return len(value)
    frames = [item for item in value.values() if is_frame(item)] if isinstance(value, dict) else []
    return sum(map(len, frames)) if frames else None


def _is_folder(value: Any) -> bool:
    """Whether a value is a dict of files, not a dict that happens to have dots in its keys."""
    if not (isinstance(value, dict) and value and all(map(_is_file_name, value))):
        return False
    unfit = [name for name, item in value.items() if not _fits(item, Path(name).suffix)]
    if unfit and all(Path(name).suffix in {*_TEXTS, *_READERS} for name in value):
        raise UnsupportedPayload(
            f"{unfit[0]}: found {type(value[unfit[0]]).__name__}; a frame's file is called "
            ".parquet, an array's .npy, JSON values' .json, text's .txt, .html, .csv or the like, "
            "and that of bytes anything else."
        )
    return not unfit


def _fits(value: Any, suffix: str) -> bool:
    """Whether a file of this suffix is read back as what is written into it."""
    if isinstance(value, Path):
        return True
    if suffix == ".json":
        return not (is_frame(value) or _is_array(value) or isinstance(value, bytes))
    if suffix in _READERS:
        return _suffix(value) == suffix
    return isinstance(value, str if suffix in _TEXTS else bytes)


def _is_file_name(name: Any) -> bool:
    return isinstance(name, str) and bool(_FILE_NAME.match(name)) and name != "manifest.json"


def is_frame(value: Any) -> bool:
    """Whether a value is a frame of pandas, which need not be imported to know."""
    return type(value).__name__ == "DataFrame" and type(value).__module__.startswith("pandas")


def _is_array(value: Any) -> bool:
    return type(value).__name__ == "ndarray" and type(value).__module__ == "numpy"


def _suffix(value: Any) -> str:
    if isinstance(value, Path):
        return value.suffix or ".bin"
    if is_frame(value):
        return ".parquet"
    if _is_array(value):
        return ".npy"
    if isinstance(value, str):
        return ".html" if value.lstrip()[:15].lower() == "<!doctype html>" else ".txt"
    return ".bin" if isinstance(value, bytes) else ".json"


def _write_file(value: Any, path: Path, keep: Keep) -> str:
    if isinstance(value, Path):
        _adopt_file(value, path)
    elif is_frame(value):
        _write_frame(value, path, keep)
    elif _is_array(value):
        _write_array(value, path)
    elif isinstance(value, bytes):
        path.write_bytes(value)
    elif isinstance(value, str) and path.suffix != ".json":
        path.write_bytes(value.encode("utf-8"))
    else:
        path.write_bytes(_json_text(value, path.name).encode("utf-8"))
    return path.suffix.lstrip(".")


def _read_text(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def _adopt_file(source: Path, path: Path) -> None:
    """A recipe that returns a path hands over a copy: whoever wrote the file may write again."""
    shutil.copyfile(source, path)


def _write_frame(frame: Any, path: Path, keep: Keep) -> None:
    if not frame.columns.is_unique or not all(isinstance(name, str) for name in frame.columns):
        raise UnsupportedPayload(
            f"{path.name}: columns must have different names that are text, found "
            f"{list(frame.columns)[:20]}."
        )
    import pyarrow
    import pyarrow.parquet as pq

    kinds = dict(zip(frame.columns, frame.dtypes, strict=True))
    options = {"compression": "lz4" if frame.size <= _FEW_CELLS else "zstd",
               "use_dictionary": _repeating(frame, kinds)}
    table = table_of(frame, kinds) if _is_plain(frame, kinds) else None
    # Parquet writes a few bytes at a time.
    with pyarrow.output_stream(str(path), buffer_size=_BUFFER) as file:
        if table is not None:
            pq.write_table(table, file, **options)
        else:
            frame.to_parquet(file, engine="pyarrow", **options)
    if table is not None:
        keep(path, table)


def _is_plain(frame: Any, kinds: dict[str, Any]) -> bool:
    """Whether a frame has cells: numbers, times without a zone and text, in counted rows.

    Arrow and Parquet have just these. An index that merely counts rows costs nothing; any other
    (a filter's) is kept as it is, by pandas, as is whatever else a frame can hold.
    """
    return (is_counted(frame) and frame.size > 0 and not frame.attrs
            and all(str(kind) in _PLAIN for kind in set(kinds.values())))


def _repeating(frame: Any, kinds: dict[str, Any]) -> list[str] | bool:
    """The columns that Parquet makes a dictionary of: all but numbers and times.

    Theirs takes longer to make, and more room, than they do compressed. Categories need it.
    """
    if not is_counted(frame):
        return True
    return [name for name, kind in kinds.items() if kind.kind not in NUMBERS_AND_TIMES]


def _read_frame(source: Any) -> Any:
    """What ``pandas.read_parquet`` gives, without the dataset that it makes of every file.

    On one thread: workers are what runs at once.
    """
    import pandas  # noqa: F401  (Arrow has to know its types)
    import pyarrow.parquet as pq

    with pq.ParquetFile(source) as file:
        return frame_of(file.read(use_threads=False))


def frame_of(table: Any) -> Any:
    """The frame of a table of Arrow."""
    return table.to_pandas(use_threads=False)


def _write_array(array: Any, path: Path) -> None:
    import numpy as np

    np.save(path, array, allow_pickle=False)


def _read_array(path: Path) -> Any:
    import numpy as np

    return np.load(path, allow_pickle=False)


def _json_text(value: Any, name: str) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, indent=1)
    except TypeError as error:
        raise UnsupportedPayload(
            f"{name}: a recipe may return a DataFrame, an array, text, bytes, a pathlib.Path of a "
            "file it wrote, plain JSON values, or a dict of file names to those; "
            f"found {type(value).__name__} ({error})."
        ) from None
    if value is None or not _survives(value):
        raise UnsupportedPayload(
            f"{name}: expected JSON values with text keys, found "
            f"{'None (was return forgotten?)' if value is None else 'keys that are not text'}."
        )
    return text + "\n"


def _survives(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _survives(item) for key, item in value.items())
    return all(map(_survives, value)) if isinstance(value, (list, tuple)) else True


_READERS: dict[str, Callable[[Any], Any]] = {
    ".parquet": _read_frame,
    ".npy": _read_array,
    ".json": lambda path: json.loads(path.read_text(encoding="utf-8")),
}

#: Files that are read back as text; those that no reader is named for come back as bytes.
_TEXTS = {".txt", ".html", ".csv", ".tsv", ".md", ".svg", ".css", ".js", ".jsonl", ".xml",
          ".yaml", ".yml", ".toml", ".log"}
