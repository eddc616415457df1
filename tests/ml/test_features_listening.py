"""Behavioural features: small logs whose figures can be counted on fingers."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from planted_listeners import LAST, days, listens, tracks

from ml.features import choices, distinct, listening, listening_day
from ml.features.day_parts import HOURS

MONDAY = dt.date(2026, 1, 5)


def plays(*rows: tuple[str, str, str, int, int]) -> pd.DataFrame:
    """Plays of Monday: listener, track, time, seconds played, length in seconds (-1 unknown)."""
    frame = pd.DataFrame(rows, columns=["listener", "track", "time", "seconds", "length"])
    at = pd.to_datetime("2026-01-05 " + frame["time"]).astype("datetime64[ms]")
    return pd.DataFrame(
        {
            "listener": frame["listener"].astype("str"),
            "track": frame["track"].astype("str"),
            "at": at,
            "ms_played": frame["seconds"].astype("int64") * 1000,
            "track_ms": frame["length"]
            .where(frame["length"] < 0, frame["length"] * 1000)
            .astype("int64"),
            "device": pd.Series(["phone"] * len(frame), dtype="str"),
            "context": pd.Series(["unknown"] * len(frame), dtype="str"),
        }
    )


def summed(log: pd.DataFrame, known: pd.DataFrame | None = None) -> pd.Series:
    return listening_day.summarise(MONDAY, log, known)["listening.parquet"].iloc[0]


def features(*logs: pd.DataFrame, known: pd.DataFrame | None = None) -> pd.DataFrame:
    history = [listening_day.summarise(MONDAY, log, known) for log in logs]
    return listening.behaviour(listening.totals(listening.gather(history), MONDAY, 28))


def test_a_play_under_30_seconds_is_a_skip_unless_the_track_was_over():
    day = summed(plays(("a", "x", "08:00", 10, 200), ("a", "jingle", "08:01", 20, 20)))
    assert (day["skips"], day["listen_throughs"]) == (1, 1)


def test_listening_through_is_counted_only_where_the_length_is_known():
    log = plays(("a", "x", "08:00", 180, 200), ("a", "y", "08:05", 180, -1))
    assert (summed(log)["listen_throughs"], summed(log)["finishable"]) == (1, 1)


def test_the_length_comes_from_the_tracks_table_when_the_log_is_silent():
    log = plays(("a", "track-1", "08:00", 180, -1))
    assert summed(log, tracks())["listen_throughs"] == 1


def test_of_a_play_in_progress_at_midnight_only_what_was_heard_counts():
    log = plays(("a", "x", "23:59", 600, 600), ("b", "y", "23:59", 90, 60))
    late = listening_day.summarise(MONDAY, log)["listening.parquet"]
    assert late["ms"].tolist() == [60_000, 60_000]
    assert late["plays"].tolist() == [1, 1] and late["skips"].tolist() == [0, 0]
    assert late["finishable"].tolist() == late["listen_throughs"].tolist() == [0, 1]


def test_half_an_hour_of_silence_ends_a_session():
    log = plays(
        ("a", "x", "08:00", 60, -1), ("a", "y", "08:30", 60, -1), ("a", "z", "09:01", 60, -1)
    )
    assert (summed(log)["sessions"], summed(log)["single_play_sessions"]) == (2, 1)


def test_hours_add_up_to_the_plays():
    day = listening_day.summarise(LAST, listens(LAST), None)["listening.parquet"]
    assert (day[list(HOURS)].sum(axis=1) == day["plays"]).all()


def test_repeats_are_found_across_days_not_only_within_one():
    log = plays(*[("a", f"track {number}", "08:00", 60, -1) for number in range(50)])
    days_before = log.assign(at=log["at"])
    shares = features(log, days_before).loc["a"]
    assert shares["day_repeat_rate_28d"] == 0
    assert shares["repeat_share_28d"] == pytest.approx(0.5, abs=0.05)


def test_silence_is_missing_not_zero():
    rates = features(plays(("a", "x", "08:00", 60, -1))).loc["a"]
    assert np.isnan(rates["listen_through_rate_28d"]) and np.isnan(rates["energy_mean_28d"])
    assert rates["skip_rate_28d"] == 0


def test_tomorrow_cannot_change_todays_features():
    history = [listening_day.summarise(day, listens(day), None) for day in days(4)]
    known = listening.totals(listening.gather(history[:3]), days(4)[2], 28)
    later = listening.totals(listening.gather(history), days(4)[2], 28)
    pd.testing.assert_frame_equal(listening.behaviour(known), listening.behaviour(later))


def test_neither_the_order_of_plays_nor_of_days_matters():
    log = listens(LAST)
    mixed = log.sample(frac=1, random_state=1).reset_index(drop=True)
    straight, shuffled = (listening_day.summarise(LAST, one, tracks()) for one in (log, mixed))
    for name, frame in straight.items():
        pd.testing.assert_frame_equal(frame, shuffled[name])


def test_an_empty_day_has_the_same_columns_and_types():
    full = listening_day.summarise(LAST, listens(LAST), tracks())
    empty = listening_day.summarise(LAST, None, None)
    for name, frame in empty.items():
        assert frame.empty and (frame.dtypes == full[name].dtypes).all(), name


def test_shares_of_devices_are_of_the_known_devices():
    log = plays(("a", "x", "08:00", 60, -1), ("a", "y", "08:05", 60, -1))
    log["device"] = pd.Series(["phone", "unknown"], dtype="str")
    window = listening.totals(
        listening.gather([listening_day.summarise(MONDAY, log, None)]), MONDAY, 28
    )
    assert choices.choice_shares(window, "device", ["phone"]).loc["a", "device_share_phone"] == 1
    assert choices.main_choice(window, "context").loc["a", "main_context"] == "unknown"


@pytest.mark.parametrize("count", [1, 100, 500, 1500])
def test_the_sketch_counts_different_things_within_a_tenth(count):
    things = pd.Series([f"thing {number}" for number in range(count)] * 2)
    bitmaps = distinct.sketch(np.zeros(len(things), dtype=np.int64), things, 1)
    assert distinct.estimate(bitmaps)[0] == pytest.approx(count, rel=0.1)


def test_a_window_without_any_summary_says_what_to_pass():
    with pytest.raises(ValueError, match="at least one day"):
        listening.gather([])
