"""What the past says about an ad, a listener, and the two together."""

import pandas as pd
import pytest
from ad_days import DAY, days_before, impressions, listens, outcomes, summary

from ml.features.ad_day import OUTCOMES, pool
from ml.features.ad_history import STRENGTH as LISTENER_STRENGTH
from ml.features.ad_history import ad_history
from ml.features.ad_rates import STRENGTH, ad_rates, overall_rates
from ml.features.moment import earlier_today, moment
from ml.features.windows import window_sums
from ml.labels import no_outcomes

EVERYBODY = pd.Series(
    {"responses": 0.1, "completions": 0.5, "skips": 0.2, "conversions": 0.01}, dtype=float
)
"""What an impression leads to, of all listeners."""


def past(age: int, *shown: tuple[str, str, str], answered: tuple[int, ...] = ()) -> dict:
    """The summary of a day ``age`` days ago."""
    day = days_before(age)
    frame = impressions(*shown, day=day)
    return summary(frame, outcomes(frame, *((row, "23:00") for row in answered), day=day), day)


def hour_of(rows):
    return rows.assign(hour=rows["at"].dt.hour.astype("int64"))


def test_a_window_of_seven_days_ends_yesterday_and_holds_seven_days():
    history = [past(age, ("ann", "a1", "10:00")) for age in (9, 8, 7, 3, 1, 0)]
    sums = window_sums(history, "listener.parquet", ["listener"], DAY, (1, 7, 28))
    assert sums.filter(like="impressions").values.tolist() == [[1, 3, 5]]


def test_an_ad_leans_on_its_campaign_its_campaign_on_its_advertiser_and_that_on_all_ads():
    yesterday = past(1, *[("ann", "a1", "10:00")] * 4, ("ann", "a2", "11:00"), answered=(0,))
    rates = ad_rates(hour_of(impressions(("bob", "a1", "10:00"))), [pool([yesterday])], DAY)
    overall = 1 / 5
    campaign = advertiser = (1 + STRENGTH * overall) / (5 + STRENGTH)
    campaign = (1 + STRENGTH * advertiser) / (5 + STRENGTH)
    ad = (1 + STRENGTH * campaign) / (4 + STRENGTH)
    assert rates["advertiser_rate_7d"][0] == pytest.approx(advertiser)
    assert rates["campaign_rate_7d"][0] == pytest.approx(campaign)
    assert rates["ad_rate_7d"][0] == pytest.approx(ad)


def test_a_new_ad_is_judged_by_its_campaign_and_said_to_be_new():
    yesterday = past(1, ("ann", "a1", "10:00"), ("ann", "b1", "11:00"), answered=(0,))
    rates = ad_rates(hour_of(impressions(("bob", "a9", "10:00"))), [pool([yesterday])], DAY)
    assert rates["ad_rate_28d"][0] == rates["campaign_rate_28d"][0]
    assert rates["is_new_ad"][0] == 1


def test_without_any_past_nothing_is_known_not_even_what_is_new():
    nothing = summary(impressions(), day=days_before(1))
    rows = hour_of(impressions(("bob", "a1", "10:00")))
    assert ad_rates(rows, [pool([nothing])], DAY).isna().all(axis=None)
    rates = overall_rates([pool([nothing])], DAY, 28)
    assert ad_history(rows, [nothing], DAY, rates).isna().all(axis=None)


def test_rates_of_ads_are_the_same_however_listeners_are_sharded():
    together = past(1, ("ann", "a1", "10:00"), ("bob", "a1", "11:00"), answered=(1,))
    apart = [past(1, ("ann", "a1", "10:00")), past(1, ("bob", "a1", "11:00"), answered=(0,))]
    rows = hour_of(impressions(("cid", "a1", "10:00")))
    assert ad_rates(rows, [pool([together])], DAY).equals(ad_rates(rows, [pool(apart)], DAY))


def test_exposures_of_a_campaign_are_counted_per_listener_and_window():
    history = [
        past(20, ("ann", "a1", "10:00")),
        past(3, ("ann", "a1", "10:00"), ("ann", "a2", "11:00"), ("bob", "a1", "12:00")),
        past(1, ("ann", "b1", "10:00")),
    ]
    rows = impressions(("ann", "a1", "10:00"), ("bob", "b1", "10:00"))
    found = ad_history(rows, history, DAY, EVERYBODY)
    assert found["campaign_exposures_28d"].tolist() == [3, 0]
    assert found["campaign_exposures_7d"].tolist() == [2, 0]
    assert found["ad_exposures_7d"].tolist() == [1, 0]
    assert found["campaign_exposures_1d"].tolist() == [0, 0]


def test_a_listeners_rate_leans_on_everybodys():
    history = [past(1, ("ann", "a1", "10:00"), ("ann", "a1", "11:00"), answered=(0,))]
    found = ad_history(
        impressions(("ann", "a1", "10:00"), ("zoe", "a1", "10:00")), history, DAY, EVERYBODY
    )
    expected = (1 + LISTENER_STRENGTH * 0.1) / (2 + LISTENER_STRENGTH)
    assert found["listener_rate_7d"].tolist() == pytest.approx([expected, 0.1])
    assert found["is_new_listener"].tolist() == [0, 1]
    assert found["days_since_last_response"].iloc[0] == 1


def test_an_answer_after_midnight_counts_for_its_listener_on_the_day_it_came():
    shown = impressions(("ann", "a1", "23:59"), day=days_before(2))
    late = outcomes(shown, (0, "00:01"), day=days_before(1))
    history = [
        summary(shown, day=days_before(2)),
        summary(impressions(day=days_before(1)), late, days_before(1)),
    ]
    found = ad_history(impressions(("ann", "a1", "10:00")), history, DAY, EVERYBODY)
    assert found["listener_responses_1d"].tolist() == [1]


def test_the_same_day_is_seen_up_to_the_moment_of_the_ad():
    rows = impressions(("ann", "a1", "10:00"), ("ann", "a2", "10:30"), ("ann", "a1", "11:00"))
    found = earlier_today(rows, rows, None, outcomes(rows, (0, "10:30"), (1, "10:40")))
    assert found["impressions_today"].tolist() == [0, 1, 2]
    assert found["ad_exposures_today"].tolist() == [0, 0, 1]
    assert found["campaign_exposures_today"].tolist() == [0, 1, 2]
    assert found["responses_today"].tolist() == [0, 0, 2]
    assert found["minutes_since_last_ad"].tolist()[1:] == [30, 30]
    assert found["plays_today"].isna().all()


def test_an_ad_that_might_be_shown_sees_what_was_shown_and_not_its_alternatives():
    shown = impressions(("ann", "a1", "10:00"), ("ann", "b1", "11:00"))
    instead = impressions(("ann", "a1", "11:00"), ("ann", "a2", "11:00"), ("ann", "b1", "11:00"))
    found = earlier_today(instead, shown, None, no_outcomes())
    assert found["impressions_today"].tolist() == [1, 1, 1]
    assert found["ad_exposures_today"].tolist() == [1, 0, 0]
    assert found["campaign_exposures_today"].tolist() == [1, 1, 0]
    assert found["minutes_since_last_ad"].tolist() == [60, 60, 60]


def test_a_play_is_known_when_it_has_ended():
    rows = impressions(("ann", "a1", "10:00"), ("ann", "a1", "10:05"))
    heard = listens(("ann", "09:00", 10), ("ann", "09:58", 180))
    found = earlier_today(rows, rows, heard, no_outcomes())
    assert found["plays_today"].tolist() == [1, 2]
    assert found["skips_today"].tolist() == [1, 1]
    assert found["minutes_since_last_play"].tolist()[1] == 4


def test_an_evening_is_an_evening():
    found = moment(impressions(("ann", "a1", "19:00"), ("ann", "a1", "09:00")))
    assert found["is_evening"].tolist() == [1, 0]


def test_how_much_history_there_is_is_known_up_to_four_weeks():
    history = [pool([past(age, ("ann", "a1", "10:00"))]) for age in (40, 5, 2, 0)]
    rates = ad_rates(hour_of(impressions(("bob", "a1", "10:00"))), history, DAY)
    assert rates["history_days"].tolist() == [2]


def test_a_session_ends_with_half_an_hour_of_silence():
    rows = impressions(
        ("ann", "a1", "09:00"),
        ("ann", "a1", "10:00"),
        ("ann", "a2", "10:20"),
        ("bob", "a1", "10:20"),
    )
    heard = listens(("ann", "09:50", 300), ("ann", "10:05", 60), ("ann", "10:19", 600))
    found = earlier_today(rows, rows, heard, no_outcomes())
    assert found["session_minutes"].tolist() == [0, 5, 25, 0]
    assert found["session_plays"].tolist() == [0, 1, 2, 0]
    assert found["session_ads"].tolist() == [0, 0, 1, 0]


def test_the_break_before_is_not_the_break_one_is_in():
    rows = impressions(("ann", "a1", "10:00"), ("ann", "a1", "10:30"), ("ann", "a2", "10:31"))
    found = earlier_today(rows, rows, None, no_outcomes())
    assert found["minutes_since_last_break"].tolist()[1:] == [30, 31]
    assert found["minutes_since_same_ad"].tolist()[1] == 30
    assert found["minutes_since_same_ad"].isna().tolist() == [True, False, True]


def test_what_else_an_ad_led_to_is_counted_for_listener_and_placement():
    shown = impressions(("ann", "a1", "10:00"), ("ann", "a1", "11:00"), day=days_before(1))
    came = [
        outcomes(shown, *answers, kind=kind, day=days_before(1))
        for kind, answers in (
            ("listened_100", [(0, "10:01")]),
            ("skip", [(1, "11:01")]),
            ("mute", [(1, "11:01")]),
            ("conversion", [(0, "12:00")]),
        )
    ]
    counted = summary(shown, pd.concat(came, ignore_index=True), days_before(1))
    names = ["impressions", *OUTCOMES]
    assert counted["listener.parquet"].iloc[0][names].tolist() == [2, 0, 1, 1, 1]
    for level in ("ad", "campaign", "day"):
        sums = window_sums([counted], "placement.parquet", [level], DAY, (1,)).iloc[0]
        assert sums[[f"{name}_1d" for name in names]].tolist() == [2, 0, 1, 1, 1]
    rows = hour_of(impressions(("ann", "a1", "10:00")))
    overall = overall_rates([pool([counted])], DAY, 28)
    own = ad_history(rows, [counted], DAY, overall)
    assert own["listener_ad_completion_rate_28d"][0] == pytest.approx(overall["completions"])
    assert ad_rates(rows, [pool([counted])], DAY)["ad_skip_rate_28d"][0] == pytest.approx(0.5)


def test_a_new_campaign_leans_on_its_advertiser_and_is_said_to_be_new():
    yesterday = past(1, ("ann", "a1", "10:00"), ("ann", "b1", "11:00"), answered=(0,))
    rates = ad_rates(hour_of(impressions(("bob", "z1", "10:00"))), [pool([yesterday])], DAY)
    assert rates["campaign_rate_28d"][0] == rates["advertiser_rate_28d"][0]
    assert rates["is_new_campaign"][0] == 1


def test_fatigue_knows_when_the_same_campaign_was_last_met():
    history = [past(3, ("ann", "a1", "10:00")), past(1, ("ann", "b1", "10:00"))]
    rows = impressions(("ann", "a2", "10:00"), ("ann", "b1", "10:00"), ("bob", "a1", "10:00"))
    found = ad_history(rows, history, DAY, EVERYBODY)
    assert found["days_since_same_campaign"].tolist()[:2] == [3, 1]
    assert found["days_since_same_ad"].isna().tolist() == [True, False, True]
