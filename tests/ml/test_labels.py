"""An answer counts when it comes within a day of the impression, once."""

from ad_days import days_before, impressions, outcomes

from ml.labels import no_outcomes, responded, responses

MORROW = days_before(-1)


def test_a_click_soon_after_an_impression_is_its_response():
    shown = impressions(("ann", "a1", "10:00"), ("bob", "a1", "10:00"))
    assert responded(shown, [outcomes(shown, (1, "10:01"))]).tolist() == [0, 1]


def test_a_click_after_midnight_still_counts_when_the_next_day_is_known():
    shown = impressions(("ann", "a1", "23:50"))
    late = outcomes(shown, (0, "00:10"), day=MORROW)
    assert responded(shown, [no_outcomes()]).tolist() == [0]
    assert responded(shown, [no_outcomes(), late]).tolist() == [1]


def test_a_click_a_day_later_is_outside_the_window_and_counts_for_nothing():
    shown = impressions(("ann", "a1", "10:00"))
    in_time = outcomes(shown, (0, "09:59:59"), day=MORROW)
    too_late = outcomes(shown, (0, "10:00"), day=MORROW)
    assert responded(shown, [in_time]).tolist() == [1]
    assert responded(shown, [too_late]).tolist() == [0]


def test_a_click_before_its_impression_is_a_logging_error():
    shown = impressions(("ann", "a1", "10:00"))
    assert responded(shown, [outcomes(shown, (0, "09:00"))]).tolist() == [0]


def test_hearing_an_ad_to_its_end_is_not_a_click():
    shown = impressions(("ann", "a1", "10:00"))
    heard = outcomes(shown, (0, "10:01"), kind="listened_100")
    assert responded(shown, [heard]).tolist() == [0]


def test_two_clicks_on_one_impression_are_one_response():
    shown = impressions(("ann", "a1", "10:00"))
    twice = outcomes(shown, (0, "10:01"), (0, "10:02"))
    assert len(responses(twice)) == 1


def test_without_outcomes_nothing_was_answered():
    assert responded(impressions(("ann", "a1", "10:00")), []).isna().tolist() == [True]


def test_no_impressions_have_no_labels():
    assert responded(impressions(), [no_outcomes()]).dtype == "int64"
