"""Payloads: what a recipe returns comes back as it was, or is refused with a reason."""

import math

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from tasks.engine import codec
from tasks.engine.errors import UnsupportedPayload
from tasks.engine.folder_store import FolderStore
from tasks.engine.journal import Entry
from tasks.engine.payload import file_hash


def round_trip(value, folder):
    """Write a value, and read it as the store reads an input."""
    kind = codec.write(value, folder)
    files = tuple((path.name, path.stat().st_size, file_hash(path)) for path in folder.iterdir())
    return FolderStore(folder.parent).read(Entry((folder.name,), "", "", kind, files))


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "payload"
    place.mkdir()
    return place


FRAME = pd.DataFrame({
    "whole": pd.array([1, 2, 3], dtype="int64"),
    "small": pd.array([1, 2, 3], dtype="int8"),
    "maybe": pd.array([1, None, 3], dtype="Int32"),
    "part": [0.1, math.nan, -math.inf],
    "half": pd.array([0.5, 1.5, 2.5], dtype="float32"),
    "text": pd.array(["a", None, "ü"], dtype="str"),
    "yes": [True, False, True],
    "kind": pd.Categorical(["x", "y", "x"], categories=["y", "x", "z"], ordered=True),
    "at": pd.to_datetime(["2026-01-05 08:00", None, "2026-01-06 09:30"]).astype("datetime64[ms]"),
    "there": pd.to_datetime(["2026-01-05 08:00"] * 3).tz_localize("Europe/Berlin"),
    "took": pd.to_timedelta([1, 2, None], unit="s"),
})  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1, "b": [1.5, None, True, "x"], "c": {"d": {}}}, [], {}, [[]], 0, 1.5, True, False,
        "text", "", "line\nline\r\n", "ünï\u2028", "<!doctype html><p>", b"\x00\xff", b"",
        np.arange(6).reshape(2, 3), np.array(["a", "bc"]), np.array(1.5), np.array([]),
        {"a b.c d": 1}, {"x.y": 1}, {"0.5": 1.25, "0.95": 2.5}, {"v1.0": [1], "v2.0": [2]},
        {"example.com": 3, "b.org": 4}, {"rate.0": "text"}, {"a.json": {"x": 1}, "b.txt": "b"},
        {"card.json": [1], "model.txt": "tree", "plot.png": b"\x89PNG", "page.html": "<p>"},
        {"x.bin": b"x", "y.csv": "a,b\n"}, {"a.bin": "text"}, {"a": [[1, 2]]},
        {"weights.npy": np.arange(3), "log.txt": ""},
    ],
    ids=repr,
)  # fmt: skip
def test_a_value_comes_back_as_it_was(value, folder):
    back = round_trip(value, folder)
    if isinstance(value, np.ndarray):
        assert back.dtype == value.dtype and np.array_equal(back, value)
    elif isinstance(value, dict) and any(isinstance(one, np.ndarray) for one in value.values()):
        assert back.keys() == value.keys() and np.array_equal(back["weights.npy"], np.arange(3))
    else:
        assert back == value and type(back) is type(value)


def test_a_frame_comes_back_with_its_types_and_its_order(folder):
    pd.testing.assert_frame_equal(round_trip(FRAME, folder), FRAME)


def test_an_empty_frame_comes_back_with_its_types(folder):
    # Not so the categories of a categorical column: Parquet keeps none where there is no row.
    empty = FRAME[:0].drop(columns="kind")
    pd.testing.assert_frame_equal(round_trip(empty, folder), empty)


def test_frames_in_a_folder_of_files_come_back(folder):
    back = round_trip({"a.parquet": FRAME, "b.parquet": FRAME[["text"]], "n.json": 3}, folder)
    pd.testing.assert_frame_equal(back["a.parquet"], FRAME)
    pd.testing.assert_frame_equal(back["b.parquet"], FRAME[["text"]])
    assert back["n.json"] == 3


def test_the_same_value_writes_the_same_bytes(tmp_path):
    hashes = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        codec.write({"f.parquet": FRAME.copy(), "d.json": {"b": 1, "a": 2}}, tmp_path / name)
        hashes.add(tuple(file_hash(path) for path in sorted((tmp_path / name).iterdir())))
    assert len(hashes) == 1


@pytest.mark.parametrize(
    "frame",
    [
        FRAME.set_index("text"),
        FRAME.set_index(["whole", "kind"]),
        FRAME[FRAME["yes"]],
        FRAME[1:],
        FRAME.set_axis(pd.RangeIndex(3, name="row")),
        FRAME.set_axis([0, 1, 2]),
        FRAME[:0].drop(columns="kind"),  # Parquet loses categories that no row has
    ],
    ids=["named", "two levels", "filtered", "sliced", "named range", "plain numbers", "empty"],
)
def test_a_frame_keeps_its_index(frame, folder):
    pd.testing.assert_frame_equal(round_trip(frame, folder), frame)


@pytest.mark.parametrize(
    "value, says",
    [
        (None, "return forgotten"),
        ({1, 2}, "found set"),
        ({"a": {1}}, "found dict"),
        (object(), "found object"),
        ({1: "a"}, "not text"),
        ({"a": {1: "b"}}, "not text"),
        (pd.Series([1]), "Series"),
        ({"a": np.int64(1)}, "int64"),
        (np.array([object()]), "Object arrays"),
        (FRAME.rename(columns={"whole": 1}), "columns"),
        (pd.concat([FRAME, FRAME], axis=1), "columns"),
        ({"a.json": {1, 2}}, "a.json"),
        ({"model.txt": {"x": 1}}, "model.txt"),
        ({"table.csv": FRAME}, "table.csv"),
        ({"table.parquet": "text"}, "table.parquet"),
        ({"a.txt": b"bytes"}, "a.txt"),
        ({"a.txt": "text", "b.npy": [1]}, "b.npy"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_would_come_back_as_something_else_is_refused(value, says, folder):
    with pytest.raises((UnsupportedPayload, ValueError)) as refusal:
        codec.write(value, folder)
    assert says in str(refusal.value)


def test_a_file_that_a_recipe_hands_over_is_its_own_from_then_on(folder, tmp_path):
    mine = tmp_path / "mine.txt"
    mine.write_text("before")
    kind = codec.write(mine, folder)
    mine.write_text("after!")
    assert (folder / "payload.txt").read_text() == "before"
    assert kind == "txt"


def test_rows_are_counted_over_all_frames():
    assert codec.rows_of(FRAME) == 3
    assert codec.rows_of({"a.parquet": FRAME, "b.parquet": FRAME, "c.json": {}}) == 6
    assert codec.rows_of({"a": 1}) is None


def test_json_is_text_that_a_person_can_read_in_the_order_of_the_recipe(folder):
    codec.write({"b": "ü", "a": [1]}, folder)
    text = (folder / "payload.json").read_text(encoding="utf-8")
    assert text == '{\n "b": "ü",\n "a": [\n  1\n ]\n}\n'


@pytest.mark.parametrize(("rows", "compression"), [(1_000, "LZ4"), (100_000, "ZSTD")])
def test_a_frame_is_compressed_by_its_size_and_only_its_words_have_a_dictionary(
    rows, compression, folder
):
    codec.write(pd.DataFrame({"n": np.arange(rows), "word": ["rock"] * rows}), folder)
    group = pq.ParquetFile(folder / "payload.parquet").metadata.row_group(0)
    assert [group.column(one).compression for one in (0, 1)] == [compression] * 2
    assert [group.column(one).has_dictionary_page for one in (0, 1)] == [False, True]
