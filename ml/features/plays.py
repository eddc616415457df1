"""A day's plays in the order they happened, with all that is known about each of them."""

import numpy as np
import pandas as pd

from ml.coded import coded, renamed
from ml.features.functional import functional
from ml.ordering import in_order
from ml.tables import DAY_MS

SKIP_MS = 30_000
SILENCE_MS = 30 * 60_000
MICRO = 1_000_000
MOODS = ("energy", "valence", "danceability", "acousticness")
UNKNOWN = "unknown"


def described(
    listens: pd.DataFrame | None,
    tracks: pd.DataFrame | None = None,
    artists: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The plays by listener and time, one row each, described by their tracks; text is coded.

    ms, ended       milliseconds played before midnight, and whether it ended before
    length          the track's length in milliseconds; 0 or less when it is not known
    skipped         under 30 seconds and not heard through; ``finished`` reached 90 % of the length
    found           whether TRACKS knows the track
    artist, genre   "unknown" where nobody says; artists by the name in ``artists``, else by id
    <mood>          NaN where nobody says; ``toned``: all four are known
    starts          begins a session; ``span`` milliseconds until the session's next play began,
                    of its last play those played
    functional      what it plays for (:mod:`ml.features.functional`), "" for none

    What a play in progress at midnight will come to is not known then, and not here.
    """
    plays = coded(_none() if listens is None else listens)
    plays = in_order(plays, ["listener", "at", "track"], ["ms_played", "device", "context"])
    known = pd.DataFrame({"track": pd.Series(dtype="str")}) if tracks is None else tracks
    known = known.drop_duplicates("track").set_index("track")
    row = known.index.get_indexer(plays["track"].cat.categories)[plays["track"].cat.codes]
    plays = plays.assign(found=row >= 0, **_of_tracks(plays, known, row))
    if artists is not None:
        plays["artist"] = renamed(plays["artist"], lambda ids: called(ids, artists))
    plays = plays.assign(**_endings(plays))
    plays = plays.assign(starts=_session_starts(plays))
    return plays.assign(span=_spans(plays), functional=functional(plays))


def _of_tracks(plays: pd.DataFrame, known: pd.DataFrame, row: np.ndarray) -> dict:
    """What the tracks table says of each play's track."""
    found = row >= 0
    length = plays["track_ms"].to_numpy(copy=True)
    silent = found & (length <= 0)
    if "track_ms" in known:
        length[silent] = known["track_ms"].to_numpy()[row[silent]]
    tones = {mood: _tone(known, mood, row) for mood in MOODS}
    return {
        "length": length,
        **{name: _word(known, name, row) for name in ("artist", "genre")},
        **tones,
        "toned": found & np.all([np.isfinite(tone) for tone in tones.values()], axis=0),
    }


def called(artist: pd.Series, artists: pd.DataFrame | None) -> pd.Series:
    """Artists by the name in ``artists``, else by id."""
    if artists is None:
        return artist
    names = artists.drop_duplicates("artist").set_index("artist")["name"]
    return artist.map(names).fillna(artist).astype("str")


def _word(known: pd.DataFrame, name: str, row: np.ndarray) -> pd.Series:
    # The row of a track that is not known is -1: the last.
    words = known[name] if name in known else pd.Series(UNKNOWN, known.index)
    words = pd.concat([words.astype("str"), pd.Series([UNKNOWN], dtype="str")])
    return words.astype("category").take(row).reset_index(drop=True)


def _tone(known: pd.DataFrame, mood: str, row: np.ndarray) -> np.ndarray:
    tones = known[mood].to_numpy(dtype=float) if mood in known else np.full(len(known), np.nan)
    return np.append(tones, np.nan)[row]


def _endings(plays: pd.DataFrame) -> dict[str, np.ndarray]:
    left = DAY_MS - _clock(plays) % DAY_MS
    played, length = plays["ms_played"].to_numpy(), plays["length"].to_numpy()
    ms, ended = np.minimum(played, left), played < left
    finished = (length > 0) & (10 * ms >= 9 * length)
    return {
        "ms": ms,
        "ended": ended,
        "finished": finished,
        "skipped": (ms < SKIP_MS) & ended & ~finished,
    }


def _session_starts(plays: pd.DataFrame) -> np.ndarray:
    """Whether a play follows at least 30 minutes of silence, which begin when the last one ended.

    The end is that of the play before, not of the longest one so far: logs of two devices at once
    overlap, and a cut too many is the smaller lie.
    """
    start = _clock(plays)
    silence = start[1:] - (start + plays["ms_played"].to_numpy())[:-1]
    listener = plays["listener"].cat.codes.to_numpy()
    other = listener[1:] != listener[:-1]
    return np.concatenate(
        [np.ones(min(len(plays), 1), dtype=bool), other | (silence >= SILENCE_MS)]
    )


def _spans(plays: pd.DataFrame) -> np.ndarray:
    start, spans = _clock(plays), plays["ms"].to_numpy(copy=True)
    goes_on = ~plays["starts"].to_numpy()[1:]
    spans[:-1][goes_on] = (start[1:] - start[:-1])[goes_on]
    return spans


def _clock(plays: pd.DataFrame) -> np.ndarray:
    return plays["at"].to_numpy().astype("datetime64[ms]").astype(np.int64)


def _none() -> pd.DataFrame:
    text = pd.Series(dtype="str")
    whole = pd.Series(dtype=np.int64)
    moment = pd.Series(dtype="datetime64[ms]")
    return pd.DataFrame(
        {"listener": text, "track": text, "at": moment, "ms_played": whole, "track_ms": whole}
        | {"device": text, "context": text}
    )
