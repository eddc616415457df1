"""No pickle anywhere a model or data travels: Parquet, JSON and text only, read back as written."""

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from conformance import stages
from conformance.comparing import assert_same, surviving
from conformance.empty_day import whole_night
from conformance.small_world import SmallWorld
from ml.contract import DTYPES
from ml.family import Family
from tasks.engine import codec

FORMATS = (".parquet", ".json", ".txt")
PLAIN = {pd.api.types.pandas_dtype(kind) for kind in (*DTYPES.values(), "float32")}


def everything_travels_in_open_formats(family: Family, world: SmallWorld) -> None:
    """Each stage's files are Parquet, JSON or text, of plain dtypes, and come back as they went."""
    with surviving("When a whole night is written down"):
        files = _files(family, world)
    for name, value in files.items():
        assert Path(name).suffix in FORMATS, (
            f"Expected files in open formats ({', '.join(FORMATS)}), found {name}: "
            f"{type(value).__name__}. A pickle runs whatever it likes when it is read."
        )
        if isinstance(value, pd.DataFrame):
            _assert_plain(name, value)
        _assert_comes_back(name, value)


def _files(family: Family, world: SmallWorld) -> dict[str, Any]:
    night = whole_night(family, world)
    frames = ("examples", "candidates", "scores", "audience")
    found = {f"{stage}.parquet": night[stage] for stage in frames}
    for stage in ("model", "evaluation", "decision"):
        found |= night[stage]
    found |= stages.summary(family, world, world.day)
    found |= stages.pooled(family, world, world.day) or {}
    return found | (stages.definitions(family, world) or {})


def _assert_plain(name: str, frame: pd.DataFrame) -> None:
    odd = [column for column in frame.columns if frame[column].dtype not in PLAIN]
    assert not odd, (
        f"In {name}, in column {odd[0]}, expected one of {', '.join(sorted(map(str, PLAIN)))}, "
        f"found {frame[odd[0]].dtype}."
    )


def _assert_comes_back(name: str, value: Any) -> None:
    with tempfile.TemporaryDirectory() as folder, surviving(f"When {name} is written and read"):
        codec.write({name: value}, Path(folder))
        again = codec.read_file(Path(folder) / name)
    if isinstance(value, pd.DataFrame):
        assert_same(value, again, f"When {name} is written and read")
    else:
        assert again == value, f"When {name} is written and read, found something else."
