"""Earlier on the same day means strictly earlier."""

import pandas as pd
from ad_days import DAY, impressions

from ml.features.before import before


def test_only_what_is_strictly_earlier_was_seen_before():
    shown = impressions(
        ("ann", "a1", "10:00"),
        ("ann", "a2", "10:00"),
        ("ann", "a1", "11:00"),
        ("bob", "a1", "12:00"),
    )
    seen = before(shown, shown[["listener", "at"]], ["listener"])
    assert seen["count"].tolist() == [0, 0, 2, 0]
    assert seen["last"].tolist()[2] == pd.Timestamp(f"{DAY} 10:00")


def test_a_source_without_times_of_day_sees_nothing_of_the_day():
    shown = impressions(("ann", "a1", "00:00"), ("ann", "a1", "00:00"), ("ann", "a2", "00:00"))
    assert before(shown, shown[["listener", "at"]], ["listener"])["count"].sum() == 0
