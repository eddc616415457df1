"""The family's record: what it reads, sums over shards, and is judged by."""

import datetime as dt

import pandas as pd

from ml.families.user_segmentation import USER_SEGMENTATION as FAMILY
from ml.privacy import sensitive

DAY = dt.date(2026, 1, 5)


def listens(*listeners: str) -> pd.DataFrame:
    """One play of two minutes for each of ``listeners``, at ten past eight."""
    frame = pd.DataFrame({"listener": listeners}).assign(
        track="x", at=pd.Timestamp("2026-01-05 08:10"), ms_played=120_000, track_ms=-1,
        device="phone", context="playlist",
    )  # fmt: skip
    text = dict.fromkeys(("listener", "track", "device", "context"), "str")
    return frame.astype({**text, "at": "datetime64[ms]"})


def summary(*listeners: str) -> dict[str, pd.DataFrame]:
    return FAMILY.summarise(day=DAY, listens=listens(*listeners))


def test_every_partial_knows_its_day():
    assert all("day" in frame for frame in summary("a", "b").values())


def test_nothing_sensitive_is_learnt_from_nor_looked_at():
    assert sensitive([*FAMILY.model.features, *FAMILY.slices]) == []


def test_a_log_of_plays_or_counts_of_them_are_all_that_is_required():
    assert FAMILY.required_tables == () and FAMILY.one_of == ("listens", "playcounts")
