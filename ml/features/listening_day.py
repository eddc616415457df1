"""One day of listening as integers: what a listener did, so that windows are sums of days.

``listening`` has one row per listener with counts, ``choices`` one row per listener, kind
(device, context, genre) and value. Times, lengths and moods are summed as integers (milliseconds,
millionths), so that neither the order of rows nor the number of shards can change a figure.
"""

import datetime as dt

import numpy as np
import pandas as pd

from ml.features import distinct, functional
from ml.features.day_parts import DAY_PARTS, HOURS
from ml.features.plays import MICRO, MOODS, UNKNOWN, described

KINDS = ("device", "context", "genre")
ARTIST = "artist"
"""The kind of choice that stands in for genres nobody names (ml.segments.scenes)."""
QUADRANTS = ("energetic_happy", "energetic_dark", "calm_happy", "calm_sad")
LONG_SESSION = 20
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
    groups, listeners = pd.factorize(plays["listener"], sort=True)
    names = pd.DataFrame({"listener": pd.Series(np.asarray(listeners, dtype=object), dtype="str")})
    marks = marked(plays)
    listening = counted(groups, names, plays, marks)
    choices = chosen(plays, marks, ["listener"])
    return {
        "listening.parquet": on_day(day, listening),
        "choices.parquet": on_day(day, choices),
    }


def counted(
    groups: np.ndarray, names: pd.DataFrame, plays: pd.DataFrame, marks: dict[str, np.ndarray]
) -> pd.DataFrame:
    """COUNTS and sketches of each group of plays, one row for each of ``names``."""
    size = len(names)
    counts = {
        name: np.bincount(groups[rows], minlength=size).astype(np.int64)
        for name, rows in marks.items()
    }
    toned = marks["toned"]
    amounts = {"ms": plays["ms"].to_numpy(), "session_ms": plays["span"].to_numpy()} | {
        f"{mood}_micro": np.where(toned, np.rint(np.nan_to_num(plays[mood]) * MICRO), 0)
        for mood in MOODS
    }
    counts |= {name: _sums(groups, amount, size) for name, amount in amounts.items()}
    counts["distinct_tracks"] = counts["plays"] - counts["repeats"]
    artists = plays["artist"].where(plays["artist"] != UNKNOWN)
    sketches = [
        pd.DataFrame(distinct.sketch(groups, things, size), columns=list(names_of))
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
    purpose = plays["functional"].to_numpy()
    toned = toned & (purpose == functional.NONE)
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
        **{f"functional_{kind}": found & (purpose == kind) for kind in functional.KINDS},
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
    taste = {"taste_plays": plays["functional"].to_numpy() == functional.NONE}
    counts = {name: (marks | taste)[name].astype(np.int64) for name in CHOICE_COUNTS}
    rows = plays[[*keys, *KINDS, ARTIST]].assign(**counts)
    nameless = rows["genre"] == UNKNOWN
    parts = [_of_kind(rows, kind, keys) for kind in KINDS]
    parts.append(_of_kind(rows[nameless], ARTIST, keys))
    frame = pd.concat(parts, ignore_index=True)
    text = dict.fromkeys(("listener", "kind", "value"), "str")
    frame = frame[[*keys, "kind", "value", *CHOICE_COUNTS]].astype(text)
    return frame.sort_values([*keys, "kind", "value"], kind="stable", ignore_index=True)


def _of_kind(rows: pd.DataFrame, kind: str, keys: list[str]) -> pd.DataFrame:
    known = rows[rows[kind] != UNKNOWN]
    counts = known.groupby([*keys, kind], sort=True)[list(CHOICE_COUNTS)].sum().reset_index()
    return counts.rename(columns={kind: "value"}).assign(kind=kind)


def on_day(day: dt.date, frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with its ``day`` in front."""
    frame.insert(0, "day", pd.Series([pd.Timestamp(day)] * len(frame), dtype="datetime64[ms]"))
    return frame


def _sums(groups: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    # Not bincount with weights: that sums floats, which forget milliseconds past 2**53.
    sums = np.zeros(count, dtype=np.int64)
    np.add.at(sums, groups, values.astype(np.int64))
    return sums
