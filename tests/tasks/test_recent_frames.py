"""What was written or read just now is given out again, and belongs to whoever it is given to."""

import os
import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.engine import codec, payload
from tasks.engine.errors import CorruptPayload
from tasks.engine.recent_frames import RecentFrames

FRAME = pd.DataFrame({"plays": [1, 2, 3], "mood": ["calm", "glad", "calm"]})


@pytest.fixture
def read(tmp_path):
    """Reads one file of a payload, as often as it is asked."""
    path = tmp_path / "payload.parquet"
    FRAME.to_parquet(path)
    told = payload.payload_of(tmp_path)[path.name]
    reads = lambda: payload._value(str(path), told.size, told.sha256)  # noqa: E731
    reads.path = path
    return reads


def test_whoever_changes_a_frame_changes_one_of_his_own(read):
    first = read()
    first.loc[0, "plays"] = 99
    first["mood"] = "loud"
    pd.testing.assert_frame_equal(read(), FRAME)
    second = read()
    assert not second["plays"].to_numpy().flags.writeable
    pd.testing.assert_frame_equal(second, FRAME)


def test_a_file_that_changed_since_is_read_and_found_out(read):
    read()
    stat = read.path.stat()
    content = bytearray(read.path.read_bytes())
    content[len(content) // 2] ^= 1
    read.path.write_bytes(content)
    os.utime(read.path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    with pytest.raises(CorruptPayload):
        read()


MANY = pd.DataFrame({
    "count": range(200), "rate": np.linspace(0, 1, 200), "share": np.linspace(5, 9, 200),
    "mood": ["calm", None] * 100, "small": np.arange(200, dtype="int8"), "yes": [True, False] * 100,
    "at": pd.date_range("2026-01-01", periods=200, freq="h"), "half": np.float32(0.5),
})  # fmt: skip

WRITTEN = {
    "of many types": MANY,
    "with gaps": MANY.where(MANY["count"] % 7 > 2).astype({"yes": "str"}),
    "of turned cells": pd.DataFrame(np.arange(12.0).reshape(4, 3), columns=list("abc")),
    "put together of pieces": pd.concat([MANY[["share"]], MANY[["count", "rate"]]], axis=1),
    "in another order": MANY[["rate", "yes", "share", "count"]],
    "every other row": MANY[::2].reset_index(drop=True),
    "of one column": MANY[["rate"]],
    "with zeros and nothings": pd.DataFrame({"x": [0.0, -0.0, np.nan, np.inf]}),
}


@pytest.mark.parametrize("frame", WRITTEN.values(), ids=WRITTEN)
def test_what_was_written_is_the_frame_that_the_file_holds_also_as_it_lies_in_memory(
    frame, tmp_path, monkeypatch
):
    told, path = stored(frame, tmp_path), tmp_path / "payload.parquet"
    from_file = codec.read_file(path)
    monkeypatch.setattr(payload.codec, "read_bytes", None)  # nothing is decoded
    given = payload._value(str(path), told.size, told.sha256)
    pd.testing.assert_frame_equal(given, from_file)
    assert lying(given) == lying(from_file)
    assert pq.read_table(path).equals(pa.Table.from_pandas(frame), check_metadata=True)


@pytest.mark.parametrize("frame", [
    MANY.iloc[[3, 5, 9]], MANY.astype({"mood": "category"}), MANY.set_index("at"),
    MANY.assign(at=MANY["at"].dt.tz_localize("UTC")), MANY.astype({"count": "Int64"}), MANY[:0],
], ids=["filtered", "categories", "another index", "a zone", "whole numbers with gaps", "empty"])
def test_what_parquet_may_hold_otherwise_is_read_from_the_file(frame, tmp_path):
    tables = {}
    codec.write(frame, tmp_path, tables.__setitem__)
    assert not tables
    pd.testing.assert_frame_equal(codec.read_file(tmp_path / "payload.parquet"), frame)


def test_another_file_of_the_same_bytes_is_not_decoded_again(tmp_path, monkeypatch):
    told = stored(FRAME, tmp_path / "first")
    copy = tmp_path / "second.parquet"
    shutil.copyfile(tmp_path / "first" / "payload.parquet", copy)
    monkeypatch.setattr(payload.codec, "read_bytes", None)
    pd.testing.assert_frame_equal(payload._value(str(copy), told.size, told.sha256), FRAME)
    copy.write_bytes(copy.read_bytes()[:-1] + b"?")
    with pytest.raises(CorruptPayload):
        payload._value(str(copy), told.size, told.sha256)


def test_the_table_of_a_large_file_is_let_go(tmp_path, monkeypatch):
    monkeypatch.setattr(payload, "SMALL", 1000)
    told = stored(MANY.assign(count=range(500, 700)), tmp_path)
    assert told.size > 1000 and payload._recent.get(told.sha256) is None


def stored(frame, folder):
    """What is told of the file that a frame is written into."""
    folder.mkdir(exist_ok=True)
    return payload.write_payload(frame, folder)[1]["payload.parquet"]


def lying(frame):
    """How the cells of a frame lie in memory: sums of floats depend on their order."""
    return [(str(block.dtype), block.shape, getattr(block.values, "strides", None),
             block.mgr_locs.as_array.tolist()) for block in frame._mgr.blocks]  # fmt: skip


def test_only_so_much_is_kept_and_what_was_used_last_stays():
    frames = RecentFrames(most_bytes=2 * 8000 + 1000)
    made = {name: pd.DataFrame({"x": range(1000)}) for name in "abc"}
    frames.keep("a", made["a"], read=10)
    frames.keep("b", made["b"], read=10)
    assert frames.get("a") is not None
    frames.keep("c", made["c"], read=10)
    assert frames.get("b") is None
    assert frames.get("a") is not None and frames.get("c") is not None


def test_what_can_be_changed_in_place_is_not_kept():
    frames = RecentFrames(1 << 20)
    frames.keep("lists", pd.DataFrame({"x": [[1], [2]]}), read=10)
    frames.keep("json", {"a": 1}, read=10)
    assert frames.get("lists") is None and frames.get("json") is None
