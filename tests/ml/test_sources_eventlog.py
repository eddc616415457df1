"""The event log: plays last until the next event, and listeners come from the same file."""

import datetime as dt
import json

import pytest

from ml.errors import SourceUnreadable
from ml.ingest import ingest
from ml.privacy import PseudonymKey
from ml.sources import SOURCES
from ml.tables import TABLES

DAY = dt.date(2018, 11, 15)
MIDNIGHT_MS = 1_542_240_000_000
KEY = PseudonymKey(b"a secret of many bytes")
EVENTLOG = SOURCES["eventlog"]


def event(second: int, page: str = "NextSong", user: str = "26", **more) -> dict:
    song = {"artist": "Anna", "song": f"Song {second}", "length": 200.5}
    return {
        "page": page, "userId": user, "sessionId": 5, "ts": MIDNIGHT_MS + second * 1000,
        "level": "free", "location": "San Jose, CA", "registration": 1541016707796.0,
        "gender": "F", "userAgent": "Mozilla (iPhone; CPU)",
        **(song if page == "NextSong" else dict.fromkeys(song)), **more,
    }  # fmt: skip


@pytest.fixture
def ingested(tmp_path):
    def take_in(lines: list, table: str = "listens", tolerance: float = 0.5):
        text = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines)
        (tmp_path / f"{DAY}-events.json").write_text(text, encoding="utf-8")
        return ingest(tmp_path, read=EVENTLOG.read, table=TABLES[table], day=DAY, key=KEY,
                      shards=1, source_name="eventlog", tolerance=tolerance)  # fmt: skip

    return take_in


def test_a_play_lasts_until_the_next_event_and_at_most_its_song(ingested):
    plays = ingested([event(0), event(30), event(900, "Home"), event(1000)])["shard-000.parquet"]
    assert plays["ms_played"].tolist() == [30_000, 200_500, 200_500]
    assert plays["context"].tolist() == ["unknown", "unknown", "home"]
    assert plays["device"].tolist() == ["phone"] * 3


def test_the_same_song_is_the_same_track_everywhere(ingested):
    lines = [event(0), event(300, song="Song 0"), event(600, song="Song 0", artist="Bea")]
    tracks = ingested(lines)["shard-000.parquet"]["track"].tolist()
    assert tracks[0] == tracks[1] != tracks[2]


def test_other_events_and_plays_of_nobody_are_counted_as_out_of_scope(ingested):
    lines = [event(0), event(5, "Help"), event(9, user="")]
    report = ingested(lines)["report.json"]
    assert (report["rows_in"], report["rows_kept"], report["rows_out_of_scope"]) == (1, 1, 2)
    assert "1 plays have no listener" in report["notes"][1]


def test_a_torn_line_is_set_aside_without_its_text(ingested):
    found = ingested([event(0), '{"userId": "26", "page', "[1]", event(60)])
    assert found["report.json"]["rows_quarantined"] == 2
    assert found["quarantine.parquet"]["line"].tolist() == [2, 3]
    assert "userId" not in found["quarantine.parquet"].to_csv()


def test_a_listener_is_as_their_last_event_says(ingested):
    lines = [event(0), event(60, level="paid"), event(30, user="7", gender="M")]
    people = ingested(lines, "listeners")["shard-000.parquet"].sort_values("tier")
    assert people["tier"].tolist() == ["free", "paid"]
    assert people["gender"].tolist() == ["male", "female"]
    assert people["country"].unique().tolist() == ["US"]


def test_a_song_without_artist_is_set_aside(ingested):
    assert ingested([event(0), event(60, artist=None)])["report.json"]["rows_quarantined"] == 1


def test_the_tracks_and_artists_of_a_day_are_those_played_on_it(ingested):
    lines = [event(0), event(30, song="Song 0", length=210.0), event(60, artist="Bea"),
             event(90, user="", artist="Cy & The Ö"), event(95, "Home")]  # fmt: skip
    plays = ingested(lines)["shard-000.parquet"]
    tracks = ingested(lines, "tracks")
    artists = ingested(lines, "artists")["shard-000.parquet"]
    songs = tracks["shard-000.parquet"]
    assert set(plays["track"]) < set(songs["track"]) and len(songs) == 3
    assert set(songs["artist"]) == set(artists["artist"])
    assert sorted(artists["name"]) == ["Anna", "Bea", "Cy & The Ö"]
    assert tracks["report.json"]["rows_out_of_scope"] == 2
    assert "each track has one row" in tracks["report.json"]["notes"][0]


def test_how_a_track_sounds_is_missing_and_its_length_is_the_last_one_told(ingested):
    lines = [event(0), event(30, song="Song 0", length=210.0), event(60, song="Y", length=None)]
    songs = ingested(lines, "tracks")["shard-000.parquet"]
    moods = ["energy", "valence", "danceability", "acousticness", "tempo"]
    assert songs[moods].isna().all(axis=None)
    assert sorted(songs["track_ms"]) == [-1, 210_000]
    assert songs["genre"].tolist() == ["unknown"] * 2


def test_an_artist_keeps_one_id_over_days_and_a_name_that_can_be_printed(ingested):
    odd = ingested([event(0, artist="Anna  \tFeat.\x01Bea"), event(9, artist="x" * 300)], "artists")
    names = odd["shard-000.parquet"]["name"].tolist()
    assert sorted(names) == ["Anna Feat. Bea", "x" * 128]
    first, again = (ingested([event(at)], "artists")["shard-000.parquet"] for at in (5, 60))
    assert first["artist"].tolist() == again["artist"].tolist()


def test_a_day_of_no_plays_has_no_tracks_and_no_artists(ingested):
    for table in ("tracks", "artists"):
        rows = ingested([event(0, "Home")], table)["shard-000.parquet"]
        assert rows.empty and rows.dtypes.equals(TABLES[table].empty().dtypes)


def test_an_empty_file_is_an_error_and_a_day_of_no_plays_is_not(ingested, tmp_path):
    assert ingested([event(0, "Home")])["shard-000.parquet"].empty
    with pytest.raises(SourceUnreadable, match="an empty file"):
        ingested([])


def test_a_changed_format_is_named(ingested):
    with pytest.raises(SourceUnreadable, match="no event with userId"):
        ingested([{name: value for name, value in event(0).items() if name != "userId"}])


def test_the_days_are_those_of_the_files(ingested, tmp_path):
    ingested([event(0)])
    assert EVENTLOG.days is not None
    assert EVENTLOG.days(tmp_path) == [DAY]
