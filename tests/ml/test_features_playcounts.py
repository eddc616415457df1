"""Play counts as a day of listening: what is known is counted, what is not is not invented."""

import datetime as dt

import pandas as pd
import pytest

from ml.families.user_segmentation import USER_SEGMENTATION
from ml.features import distinct, listening, playcounts
from ml.features.listening_day import ARTIST_SKETCH, COUNTS

DAY = dt.date(2011, 5, 1)
PLAYED = pd.DataFrame(
    {
        "listener": ["bob", "ann", "ann", "ann"],
        "artist": ["1", "1", "2", "9"],
        "plays": [3, 10, 20, 5],
    }
).astype({"listener": "str", "artist": "str", "plays": "int64"})
ARTISTS = pd.DataFrame({"artist": ["1", "2"], "name": ["Anna", "Bea"]}, dtype="str")


@pytest.mark.parametrize("rows", [PLAYED, PLAYED.iloc[:0], None], ids=["some", "none", "absent"])
@pytest.mark.parametrize("artists", [ARTISTS, None], ids=["named", "without names"])
def test_the_partials_have_the_columns_and_types_of_a_days_listening(rows, artists):
    found, usual = playcounts.summarise(DAY, rows, artists), USER_SEGMENTATION.summarise(day=DAY)
    assert list(found) == list(usual)
    for name, frame in usual.items():
        pd.testing.assert_series_equal(found[name].dtypes, frame.dtypes)
    assert len(found["listening.parquet"]) == (2 if rows is PLAYED else 0)


def test_plays_are_counted_and_nothing_else_is():
    rows = playcounts.summarise(DAY, PLAYED)["listening.parquet"].set_index("listener")
    assert rows["plays"].to_dict() == {"ann": 35, "bob": 3}
    assert (rows["day"] == pd.Timestamp(DAY)).all()
    assert (rows[[name for name in COUNTS if name != "plays"]] == 0).all(axis=None)


def test_the_sketch_counts_artists():
    many = pd.DataFrame(
        {"listener": "ann", "artist": [f"a{each}" for each in range(200)], "plays": 1}
    )
    rows = playcounts.summarise(DAY, many)["listening.parquet"]
    counted = distinct.estimate(rows[list(ARTIST_SKETCH)].to_numpy())
    assert counted == pytest.approx([200], rel=0.05)


def test_a_choice_is_called_by_the_artists_name_and_by_the_id_where_it_has_none():
    rows = playcounts.summarise(DAY, PLAYED, ARTISTS)["choices.parquet"]
    assert rows[["listener", "kind", "value", "plays"]].values.tolist() == [
        ["ann", "artist", "9", 5],
        ["ann", "artist", "Anna", 10],
        ["ann", "artist", "Bea", 20],
        ["bob", "artist", "Anna", 3],
    ]


def test_two_artists_of_one_name_are_one_choice():
    twins = ARTISTS.assign(name="Anna")
    rows = playcounts.summarise(DAY, PLAYED, twins)["choices.parquet"]
    assert rows.loc[rows["value"] == "Anna", "plays"].tolist() == [30, 3]


def test_the_order_of_rows_changes_nothing():
    backwards = playcounts.summarise(DAY, PLAYED.iloc[::-1], ARTISTS.iloc[::-1])
    for name, frame in playcounts.summarise(DAY, PLAYED, ARTISTS).items():
        pd.testing.assert_frame_equal(frame, backwards[name])


def test_windows_of_listening_can_be_made_of_play_counts():
    days = listening.gather([playcounts.summarise(DAY, PLAYED, ARTISTS)])
    window = listening.totals(days, DAY, 28)
    assert window.sums["plays"].to_dict() == {"ann": 35, "bob": 3}
    features = listening.behaviour(window)
    assert features.drop(columns="plays_28d").isna().all(axis=None)
