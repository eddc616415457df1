"""One day of listening as integers: what a listener did, so that windows are sums of days.

``listening`` has one row per listener with counts, ``choices`` one row per listener, kind
(device, context, genre) and value. Times, lengths and moods are summed as integers (milliseconds,
millionths), so that neither the order of rows nor the number of shards can change a figure.
"""

import datetime as dt

import numpy as np
import pandas as pd

from ml.coded import plain
from ml.features import distinct, functional
from ml.features.day_parts import DAY_PARTS, HOURS
from ml.features.plays import MICRO, MOODS, UNKNOWN, described
from ml.ordering import groups, in_order

KINDS = ("device", "context", "genre")
ARTIST = "artist"
"""The kind of choice that stands in for genres nobody names (ml.segments.scenes)."""
QUADRANTS = ("energetic_happy", "energetic_dark", "calm_happy", "calm_sad")
LONG_SESSION = 20
PURPOSES = (*functional.KINDS, functional.NONE)
COUNTS = (
    "plays",
    "timed",
    "skips",
    "finishable",
    "listen_throughs",
    "repeats",
    "distinct_tracks",
    "ms",
    "sessions",
    "single_play_sessions",
    "long_sessions",
    "session_ms",
    *(f"skips_{part}" for part in DAY_PARTS),
    "described",
    *(f"functional_{kind}" for kind in functional.KINDS),
    "toned",
    *(f"{mood}_micro" for mood in MOODS),
    *(f"mood_{quadrant}" for quadrant in QUADRANTS),
    *HOURS,
)
CHOICE_COUNTS = ("plays", "skips", "listen_throughs", "repeats", "taste_plays")
TRACK_SKETCH, ARTIST_SKETCH = distinct.columns("heard"), distinct.columns("artists")


def summarise(
    day: dt.date, listens: pd.DataFrame | None, tracks: pd.DataFrame | None = None
) -> dict[str, pd.DataFrame]:
    """The day's integer partials of each listener.

    plays                 rows of the log; ``timed`` those whose moment is known (all of a log's)
    skips                 plays under 30 seconds that did not reach 90 % of a known length;
                          ``skips_<part>`` those begun in a part of the day
    finishable            plays of tracks whose length is known, that reached it or ended
    listen_throughs       of these, plays that reached 90 % of the length
    repeats               plays of a track the listener had already played that day
    distinct_tracks       different tracks of the day
    ms                    milliseconds played before midnight
    sessions              runs of plays without 30 minutes of silence (midnight cuts a session)
    single_play_sessions  sessions of one play; ``long_sessions`` of 20 plays or more
    session_ms            milliseconds that sessions lasted, pauses included
    described             plays whose track is known
    functional_<kind>     of these, plays for a purpose (:mod:`ml.features.functional`)
    toned                 plays for no purpose whose track has a known mood; ``<mood>_micro`` sum
                          their moods, ``mood_<quadrant>`` count them by energy and valence
    hour_00 .. hour_23    plays by hour of their start
    heard_*, artists_*    sketches of the tracks and artists heard (:mod:`ml.features.distinct`)

    ``choices`` count plays, skips, listen_throughs, repeats and ``taste_plays`` (those for no
    purpose) of each known device, context and genre; of the artist where the genre is not known.
    What a play in progress at midnight will come to is not known then, and not in the summary.
    """
    return summary(day, described(listens, tracks))


def summary(day: dt.date, plays: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The partials of plays that `described` has put in order."""
    first = plays["listener"].cat.codes.diff().fillna(1) != 0
    names = plain(plays.loc[first, ["listener"]]).reset_index(drop=True)
    marks = marked(plays)
    listening = counted(first.to_numpy(), names, plays, marks)
    choices = chosen(plays, marks, ["listener"])
    return {
        "listening.parquet": on_day(day, listening),
        "choices.parquet": on_day(day, choices),
    }


def counted(
    begins: np.ndarray, names: pd.DataFrame, plays: pd.DataFrame, marks: dict[str, np.ndarray]
) -> pd.DataFrame:
    """COUNTS and sketches of each run of plays, one row for each of ``names``.

    ``begins`` says which plays begin a run; the first of all does.
    """
    toned, starts = marks["toned"], np.flatnonzero(begins)
    amounts = {"ms": plays["ms"].to_numpy(), "session_ms": plays["span"].to_numpy()} | {
        f"{mood}_micro": np.where(toned, np.rint(np.nan_to_num(plays[mood]) * MICRO), 0)
        for mood in MOODS
    }
    counts = {name: _sums(amount, starts) for name, amount in (marks | amounts).items()}
    counts["distinct_tracks"] = counts["plays"] - counts["repeats"]
    groups = begins.cumsum() - 1
    artists = plays["artist"].where(plays["artist"] != UNKNOWN)
    sketches = [
        pd.DataFrame(distinct.sketch(groups, things, len(names)), columns=list(names_of))
        for things, names_of in ((plays["track"], TRACK_SKETCH), (artists, ARTIST_SKETCH))
    ]
    return pd.concat([names, pd.DataFrame({name: counts[name] for name in COUNTS}), *sketches],
                     axis=1)  # fmt: skip


def marked(plays: pd.DataFrame) -> dict[str, np.ndarray]:
    """Which plays count as what: a boolean per play."""
    first, hour = plays["starts"].to_numpy(), plays["at"].dt.hour.to_numpy()
    length, ended, finished, skipped, found, toned = (
        plays[name].to_numpy()
        for name in ("length", "ended", "finished", "skipped", "found", "toned")
    )
    purpose = {kind: (plays["functional"] == kind).to_numpy() for kind in PURPOSES}
    toned = toned & purpose[functional.NONE]
    size = np.bincount(first.cumsum())[first.cumsum()] if len(plays) else np.zeros(0)
    return {
        "plays": np.ones(len(plays), dtype=bool),
        "timed": np.ones(len(plays), dtype=bool),
        "skips": skipped,
        "finishable": (length > 0) & (ended | finished),
        "listen_throughs": finished,
        "repeats": plays.duplicated(["listener", "track"]).to_numpy(),
        "sessions": first,
        "single_play_sessions": first & (size == 1),
        "long_sessions": first & (size >= LONG_SESSION),
        **{
            f"skips_{part}": skipped & np.isin(hour, list(hours))
            for part, hours in DAY_PARTS.items()
        },
        "described": found,
        **{f"functional_{kind}": found & purpose[kind] for kind in functional.KINDS},
        "toned": toned,
        **_quadrants(plays, toned),
        **{name: hour == number for number, name in enumerate(HOURS)},
    }


def _quadrants(plays: pd.DataFrame, toned: np.ndarray) -> dict[str, np.ndarray]:
    """The four moods of energy and valence (Russell 1980), each split in the middle."""
    lively, glad = (plays[name].to_numpy() >= 0.5 for name in ("energy", "valence"))
    each = (lively & glad, lively & ~glad, ~lively & glad, ~lively & ~glad)
    return {f"mood_{name}": toned & one for name, one in zip(QUADRANTS, each, strict=True)}


def chosen(
    plays: pd.DataFrame, marks: dict[str, np.ndarray], keys: list[str]
) -> pd.DataFrame:
    """CHOICE_COUNTS by ``keys`` and known device, context and genre, sorted."""
    taste = {"taste_plays": (plays["functional"] == functional.NONE).to_numpy()}
    rows = plays[[*keys, *KINDS, ARTIST]].assign(
        **{name: (marks | taste)[name] for name in CHOICE_COUNTS}
    )
    nameless = (rows["genre"] == UNKNOWN).to_numpy()
    parts = [_of_kind(rows, kind, keys) for kind in KINDS]
    parts.append(_of_kind(rows[nameless], ARTIST, keys))
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[[*keys, "kind", "value", *CHOICE_COUNTS]].astype({"kind": "str"})
    return plain(in_order(frame, [*keys, "kind", "value"], []))


def _of_kind(rows: pd.DataFrame, kind: str, keys: list[str]) -> pd.DataFrame:
    known = rows[(rows[kind] != UNKNOWN).to_numpy()]
    order, starts = groups(known, [*keys, kind])
    named = known[[*keys, kind]].take(order[starts]).reset_index(drop=True)
    counts = {name: _sums(known[name].to_numpy()[order], starts) for name in CHOICE_COUNTS}
    text = plain(named[[kind]])[kind]
    return named[keys].assign(kind=kind, value=text, **counts)


def on_day(day: dt.date, frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with its ``day`` in front."""
    when = pd.Series(pd.Timestamp(day), index=frame.index, dtype="datetime64[ms]")
    frame.insert(0, "day", when)
    return frame


def _sums(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The sum of each run of values, as integers: floats would forget milliseconds past 2**53."""
    whole = values if values.dtype == bool else values.astype(np.int64)
    return np.add.reduceat(whole, starts, dtype=np.int64) if len(starts) else np.zeros(0, np.int64)
