"""What a listener's mix of genres says about a campaign: worlds of two genres, solved by hand."""

import pandas as pd
import pytest
from ad_days import DAY, days_before, impressions, outcomes

from ml.families.ad_targeting import summarise
from ml.features.ad_day import pool
from ml.features.ad_interest import CAMPAIGN_GENRE, STRENGTH, ad_interest

TRACKS = pd.DataFrame({"track": ["jazzy", "rocky"], "genre": ["jazz", "rock"]}, dtype="str")


def heard(day, *plays: tuple[str, str]) -> pd.DataFrame:
    """Plays of (listener, track), all long enough."""
    listeners, tracks = zip(*plays, strict=True)
    frame = pd.DataFrame({"listener": listeners, "track": tracks}, dtype="str")
    text = pd.Series("unknown", index=frame.index, dtype="str")
    at = pd.Series(pd.Timestamp(f"{day} 08:00"), index=frame.index, dtype="datetime64[ms]")
    return frame.assign(at=at, ms_played=100_000, track_ms=200_000, device=text, context=text)


def yesterday(shown, plays, answered=()) -> dict:
    day = days_before(1)
    rows = impressions(*shown, day=day)
    came = outcomes(rows, *((row, "23:00") for row in answered), day=day)
    return summarise(
        day=day,
        listens=heard(day, *plays),
        impressions=rows,
        outcomes=came,
        tracks=TRACKS,
    )


def test_an_impression_is_divided_among_the_genres_of_its_listeners_day():
    plays = [("ann", "jazzy")] * 3 + [("ann", "rocky")]
    summary = yesterday([("ann", "a1", "10:00"), ("ann", "a2", "11:00")], plays, answered=[0])
    counted = summary[CAMPAIGN_GENRE].set_index("genre")
    assert counted["impressions_micro"].to_dict() == {"jazz": 1_500_000, "rock": 500_000}
    assert counted["responses_micro"].to_dict() == {"jazz": 750_000, "rock": 250_000}


@pytest.fixture
def draw() -> dict:
    """Campaign a draws jazz, campaign b draws rock, each answered by twenty of twenty-five."""
    shown, plays, answered = [], [], []
    for genre, liked in (("jazz", "a"), ("rock", "b")):
        for number in range(50):
            listener = f"{genre}-{number}"
            campaign = "ab"[number % 2]
            plays.append((listener, f"{genre}y"))
            if campaign == liked and number < 40:
                answered.append(len(shown))
            shown.append((listener, f"{campaign}1", "10:00"))
    return yesterday(shown, plays, answered)


def test_taste_is_the_draw_of_the_campaign_on_what_the_listener_plays(draw):
    rows = impressions(("jazz-0", "a1", "10:00"), ("rock-0", "a1", "10:00"), ("zoe", "a1", "10:00"))
    found = ad_interest(rows, [draw], [pool([draw])], DAY)
    expected = 10.0
    drawn, left = (20 + STRENGTH) / (expected + STRENGTH), STRENGTH / (expected + STRENGTH)
    assert found["taste_affinity"].tolist()[:2] == pytest.approx([drawn, left])
    assert found["taste_response"].tolist()[:2] == pytest.approx([1, 1])
    assert found.loc[2].isna().all()


def test_a_new_campaign_draws_nobody_more_than_anybody(draw):
    found = ad_interest(impressions(("jazz-0", "z9", "10:00")), [draw], [pool([draw])], DAY)
    assert found["taste_affinity"].tolist() == [1]


def test_without_listening_taste_is_missing():
    rows = impressions(("ann", "a1", "10:00"))
    nothing = summarise(day=days_before(1), impressions=rows[:0], outcomes=outcomes(rows))
    assert ad_interest(rows, [nothing], [pool([nothing])], DAY).isna().all(axis=None)
