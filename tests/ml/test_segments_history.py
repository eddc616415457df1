"""What was said of a listener before a day, for other families to know."""

import datetime as dt

import pandas as pd

from ml.segments.assignment import UNKNOWN
from ml.segments.history import segment_before
from ml.segments.membership import COLUMNS

ROWS = pd.DataFrame({"listener": ["bob", "ann", "bob", "new"]}, index=[7, 3, 5, 9], dtype="str")


def membership(path, **segments):
    frame = pd.DataFrame({"listener": list(segments), "segment": list(segments.values())})
    blank = {name: "" for name, kind in COLUMNS.items() if kind == "str"}
    frame = frame.assign(**{n: v for n, v in blank.items() if n not in frame},
                         probability=0.9, best_probability=0.9, held=False,
                         since=pd.Timestamp(dt.date(2026, 2, 1)))  # fmt: skip
    frame[list(COLUMNS)].astype(COLUMNS).to_parquet(path)
    return path


def test_a_row_knows_the_segment_of_its_listener_whatever_the_shard(tmp_path):
    files = [membership(tmp_path / "0.parquet", ann="s1"),
             membership(tmp_path / "1.parquet", bob="s2")]  # fmt: skip
    known = segment_before(ROWS, files)
    assert known.to_dict() == {7: "s2", 3: "s1", 5: "s2", 9: UNKNOWN}


def test_before_the_first_night_nobody_is_known():
    assert (segment_before(ROWS, None) == UNKNOWN).all()
