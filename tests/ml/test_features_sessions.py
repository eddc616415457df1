"""Sessions: their shape, and a listener seen by the last few of them."""

import pandas as pd
import pytest
from planted_listeners import LAST, days, listens, tracks

from ml.features import choices, listening, listening_day, session_day
from ml.features.plays import described


@pytest.fixture(scope="module")
def week() -> list[dict]:
    parts = []
    for day in days(7):
        plays = described(listens(day), tracks())
        parts.append(listening_day.summary(day, plays) | session_day.summary(day, plays))
    return parts


def test_the_sessions_of_a_day_add_up_to_the_day(week):
    whole = listening.totals(listening.gather(week), LAST, 28)
    by_session = listening.totals(listening.gather_sessions(week), LAST, 28)
    pd.testing.assert_frame_equal(whole.sums, by_session.sums)
    pd.testing.assert_frame_equal(whole.distinct, by_session.distinct)
    pd.testing.assert_frame_equal(whole.choices, by_session.choices)


@pytest.mark.parametrize("count", [1, 3])
def test_a_view_of_some_sessions_is_of_the_last_ones(week, count):
    sessions = listening.gather_sessions(week)
    seen = listening.totals(listening.last_sessions(sessions, count), LAST, 28)
    had = sessions.listening.groupby("listener").size()
    assert (seen.sums["sessions"] == had.clip(upper=count)).all()
    everything = listening.totals(sessions, LAST, 28).sums
    assert (seen.sums["last_age"] == everything["last_age"]).all()
    played = seen.choices[seen.choices["kind"] == "device"].groupby("listener")["plays"].sum()
    assert (played == seen.sums["plays"]).all()


def test_the_learners_of_a_crowd_are_few_and_the_same_every_day(monkeypatch, week):
    monkeypatch.setattr(session_day, "LEARNERS", 20)
    learners = [set(session_day.summary(day, described(listens(day)))["sessions.parquet"]
                    ["listener"]) for day in days(7)]  # fmt: skip
    assert {len(one) for one in learners} == {20}
    # Two listeners of three play on a day; those with the smallest hashes come again and again.
    assert len(set.union(*learners)) <= 50


def test_a_session_lasts_from_its_first_play_to_the_end_of_its_last():
    at = pd.to_datetime(["2026-01-25 08:00", "2026-01-25 08:10", "2026-01-25 12:00"])
    log = pd.DataFrame(
        {"listener": "a", "track": ["x", "y", "z"], "at": at.astype("datetime64[ms]"),
         "ms_played": [60_000, 120_000, 30_000], "track_ms": -1, "device": "phone",
         "context": "album"}
    ).astype({"listener": "str", "track": "str", "device": "str", "context": "str"})  # fmt: skip
    history = [listening_day.summarise(LAST, log)]
    seen = listening.behaviour(listening.totals(listening.gather(history), LAST, 28)).loc["a"]
    assert seen["session_minutes_28d"] == pytest.approx((12 + 0.5) / 2)
    assert seen["single_play_share_28d"] == 0.5 and seen["long_session_share_28d"] == 0


def test_new_tracks_are_those_first_heard_in_the_last_week():
    def day(age, names):
        when = LAST - pd.Timedelta(days=age)
        log = pd.DataFrame(
            {"listener": "a", "track": names, "at": pd.Timestamp(when).as_unit("ms"),
             "ms_played": 60_000, "track_ms": -1, "device": "phone", "context": "album"}
        )  # fmt: skip
        text = dict.fromkeys(("listener", "track", "device", "context"), "str")
        return listening_day.summarise(when, log.astype(text))

    old, new = [f"old-{n}" for n in range(60)], [f"new-{n}" for n in range(20)]
    history = [day(10, old), day(2, old[:20] + new)]
    seen = listening.behaviour(listening.totals(listening.gather(history), LAST, 28)).loc["a"]
    assert seen["new_track_share_28d"] == pytest.approx(0.5, abs=0.1)
    alone = listening.behaviour(listening.totals(listening.gather(history[1:]), LAST, 28))
    assert alone["new_track_share_28d"].isna().all()


def test_skips_are_told_apart_by_choice_and_part_of_the_day(week):
    window = listening.totals(listening.gather(week), LAST, 28)
    rates = choices.skip_rates(window, "device", ["phone", "speaker"])
    rates = rates.join(listening.behaviour(window)[["skip_rate_morning_28d", "skip_rate_28d"]])
    assert rates.drop(columns="skip_rate_28d").notna().any().all()
    assert ((rates >= 0) & (rates <= 1) | rates.isna()).all(axis=None)
    # Who only ever skips nothing skips nothing on any device.
    patient = rates[rates["skip_rate_28d"] == 0]
    assert (patient.fillna(0) == 0).all(axis=None)
