"""Order and repeats, found by integers, are those that pandas finds by looking at every column."""

import numpy as np
import pandas as pd
import pytest

from ml.coded import coded, plain, renamed
from ml.ordering import in_order, repeated


def rows(seed: int, count: int = 400, far: int = 1) -> pd.DataFrame:
    """Rows of few values, so that many are equal in some columns and some in all."""
    chance = np.random.default_rng(seed)
    words = np.array(["b", "a", "ä", "Z", "aa", ""], dtype=object)
    return pd.DataFrame(
        {
            "listener": pd.Series(chance.choice(words, count), dtype="str"),
            "at": np.datetime64("2026-01-05", "ms")
            + chance.integers(0, 4, count).astype("timedelta64[ms]"),
            "ms": chance.integers(-4, 4, count) * far,
            "share": chance.choice([0.5, -1.0, np.nan], count),
            "word": pd.Series(chance.choice(words, count), dtype="str"),
        }
    )


@pytest.mark.parametrize("far", [1, 2**61])
@pytest.mark.parametrize("first", [["listener", "at"], ["at"], ["ms", "share", "word", "at"]])
def test_rows_come_in_the_order_that_pandas_gives_them(first, far):
    frame = rows(1, far=far)
    rest = [name for name in frame if name not in first]
    expected = frame.sort_values([*first, *rest], kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(in_order(frame, first, rest), expected)
    pd.testing.assert_frame_equal(plain(in_order(coded(frame), first, rest)), expected)


def test_rows_that_nothing_tells_apart_stay_as_they_stood():
    frame = rows(2)
    expected = frame.sort_values(["listener", "word"], kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(in_order(frame, ["listener", "word"], []), expected)


@pytest.mark.parametrize("first", [["listener", "at"], ["share"], ["ms", "word"]])
def test_a_row_repeats_an_earlier_one_when_every_column_is_equal(first):
    frame = pd.concat([rows(3), rows(3)[100:120], rows(4)], ignore_index=True)
    assert repeated(frame, first).tolist() == frame.duplicated().tolist()
    assert repeated(coded(frame), first).tolist() == frame.duplicated().tolist()


def test_no_rows_and_one_row_are_in_order():
    for frame in (rows(5)[:0], rows(5)[:1]):
        pd.testing.assert_frame_equal(in_order(frame, ["listener"], ["at"]), frame)
        assert not repeated(frame, ["listener"]).any()


def test_two_texts_that_are_renamed_alike_become_one_value():
    words = coded(pd.DataFrame({"word": pd.Series(["b", "a", None, "B"], dtype="str")}))["word"]
    named = renamed(words, lambda each: each.str.lower())
    assert plain(named.to_frame())["word"].fillna("missing").tolist() == ["b", "a", "missing", "b"]
    assert named.cat.categories.tolist() == ["a", "b"]
