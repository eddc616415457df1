"""What plays for a purpose is told apart from taste, by rules a person can check."""

import numpy as np
import pandas as pd
import pytest

from ml.features import choices, listening, listening_day
from ml.features.functional import functional

WEDNESDAY, SATURDAY = "2026-01-07", "2026-01-10"
CALM, LIVELY, PLAIN = (0.1, 0.2, 0.9), (0.9, 0.8, 0.1), (0.5, 0.5, 0.5)


def play(day, time, genre="pop", sound=PLAIN, device="phone", skipped=False):
    energy, danceability, acousticness = sound
    frame = pd.DataFrame(
        {"at": pd.to_datetime([f"{day} {time}"]), "device": [device], "genre": [genre],
         "energy": energy, "danceability": danceability, "acousticness": acousticness,
         "skipped": [skipped]}
    )  # fmt: skip
    return frame.astype({"device": "str", "genre": "str"})


@pytest.mark.parametrize(
    "played, purpose",
    [
        (play(WEDNESDAY, "23:10", sound=CALM), "sleep"),
        (play(WEDNESDAY, "04:00", sound=CALM), "sleep"),
        (play(WEDNESDAY, "23:10", sound=CALM, skipped=True), ""),
        (play(WEDNESDAY, "15:00", sound=CALM), ""),
        (play(SATURDAY, "22:00", sound=LIVELY, device="speaker"), "party"),
        (play("2026-01-11", "02:00", sound=LIVELY, device="speaker"), "party"),
        (play(SATURDAY, "22:00", sound=LIVELY), ""),
        (play(WEDNESDAY, "22:00", sound=LIVELY, device="speaker"), ""),
        (play(WEDNESDAY, "09:00", genre="Children's Music"), "children"),
        (play(WEDNESDAY, "23:30", genre="white noise", sound=CALM), "noise"),
        (play(WEDNESDAY, "23:30", sound=(np.nan, np.nan, np.nan)), ""),
    ],
)
def test_each_play_has_the_purpose_a_person_would_name(played, purpose):
    assert functional(played).tolist() == [purpose]


@pytest.fixture
def night_owl() -> listening.Totals:
    """Nine calm tracks to fall asleep by, and one track of rock at noon."""
    tracks = pd.DataFrame(
        {"track": [*(f"calm-{n}" for n in range(9)), "rock"], "artist": "a",
         "genre": [*["ambient"] * 9, "rock"], "energy": [*[0.1] * 9, 0.9], "valence": 0.6,
         "danceability": 0.2, "acousticness": [*[0.9] * 9, 0.1], "tempo": 90.0,
         "track_ms": 200_000}
    ).astype({"track": "str", "artist": "str", "genre": "str"})  # fmt: skip
    at = [*(f"2026-01-07 23:{4 * n:02d}" for n in range(9)), "2026-01-07 12:00"]
    listens = pd.DataFrame(
        {"listener": "owl", "track": tracks["track"],
         "at": pd.to_datetime(at).astype("datetime64[ms]"), "ms_played": 200_000,
         "track_ms": 200_000, "device": "phone", "context": "playlist"}
    ).astype({"listener": "str", "device": "str", "context": "str"})  # fmt: skip
    day = pd.Timestamp("2026-01-07").date()
    parts = [listening_day.summarise(day, listens, tracks)]
    return listening.totals(listening.gather(parts), day, 28)


def test_what_plays_to_fall_asleep_by_is_no_taste(night_owl):
    features = listening.behaviour(night_owl).loc["owl"]
    assert features["functional_sleep_share_28d"] == 0.9
    assert features["energy_mean_28d"] == 0.9 and features["mood_energetic_happy_share_28d"] == 1
    genres = choices.choice_shares(night_owl, "genre", ["ambient", "rock"]).loc["owl"]
    assert genres.tolist() == [0.0, 1.0]


def test_it_counts_as_listening_all_the_same(night_owl):
    features = listening.behaviour(night_owl).loc["owl"]
    assert features["plays_28d"] == 10
    assert features["late_evening_share_28d"] == 0.9
    assert choices.choice_shares(night_owl, "device", ["phone"]).loc["owl"].tolist() == [1.0]
