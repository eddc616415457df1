"""What was read a moment ago is given out again, and belongs to whoever it was given to."""

import os

import pandas as pd
import pytest

from tasks.engine import payload
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
