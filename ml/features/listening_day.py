"""One day of listening as integers: what a listener did, so that windows are sums of days.

``listening`` has one row per listener with counts, ``choices`` one row per listener, kind
(device, context, genre) and value. Times, lengths and moods are summed as integers (milliseconds,
millionths), so that neither the order of rows nor the number of shards can change a figure.
"""

import datetime as dt

import numpy as np
import pandas as pd

from ml.features import distinct

SKIP_MS = 30_000
SILENCE_MS = 30 * 60_000
MICRO = 1_000_000
MOODS = ("energy", "valence", "danceability", "acousticness")
KINDS = ("device", "context", "genre")
HOURS = tuple(f"hour_{hour:02d}" for hour in range(24))
COUNTS = (
    "plays",
    "skips",
    "finishable",
    "listen_throughs",
    "repeats",
    "distinct_tracks",
    "ms",
    "sessions",
    "single_play_sessions",
    "toned",
    *(f"{mood}_micro" for mood in MOODS),
    *HOURS,
)


def summarise(
    day: dt.date, listens: pd.DataFrame | None, tracks: pd.DataFrame | None = None
) -> dict[str, pd.DataFrame]:
    """The day's integer partials of each listener.

    plays                 rows of the log
    skips                 plays under 30 seconds that did not reach 90 % of a known length
    finishable            plays of tracks whose length is known, that reached it or ended
    listen_throughs       of these, plays that reached 90 % of the length
    repeats               plays of a track the listener had already played that day
    distinct_tracks       different tracks of the day
    ms                    milliseconds played before midnight
    sessions              runs of plays without 30 minutes of silence (midnight cuts a session)
    single_play_sessions  sessions of one play
    toned                 plays whose track has a known mood; ``<mood>_micro`` sum their moods
    hour_00 .. hour_23    plays by hour of their start
    heard_0 .. heard_15   sketch of the tracks heard (:mod:`ml.features.distinct`)

    What a play in progress at midnight will come to is not known then, and not in the summary.
    """
    plays = _described(listens, tracks)
    groups, listeners = pd.factorize(plays["listener"], sort=True)
    counts = {
        name: np.bincount(groups[rows], minlength=len(listeners)).astype(np.int64)
        for name, rows in _marks(plays).items()
    }
    counts |= {
        name: _sums(groups, plays[name].to_numpy(), len(listeners))
        for name in ("ms", *(f"{mood}_micro" for mood in MOODS))
    }
    counts["distinct_tracks"] = counts["plays"] - counts["repeats"]
    frame = pd.DataFrame({name: counts[name] for name in COUNTS})
    heard = distinct.sketch(groups, plays["track"], len(listeners))
    frame[list(distinct.SKETCH)] = pd.DataFrame(heard, columns=list(distinct.SKETCH))
    frame.insert(0, "listener", pd.Series(np.asarray(listeners, dtype=object), dtype="str"))
    frame.insert(0, "day", _midnight(day, len(frame)))
    return {"listening.parquet": frame, "choices.parquet": _choices(day, plays)}


def _midnight(day: dt.date, rows: int) -> pd.Series:
    return pd.Series([pd.Timestamp(day)] * rows, dtype="datetime64[ms]")


def _sums(groups: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    # Not bincount with weights: that sums floats, which forget milliseconds past 2**53.
    sums = np.zeros(count, dtype=np.int64)
    np.add.at(sums, groups, values)
    return sums


def _described(listens: pd.DataFrame | None, tracks: pd.DataFrame | None) -> pd.DataFrame:
    """The plays in the order they happened, with the length, genre and mood of their track."""
    plays = _none() if listens is None else listens
    order = ["listener", "at", "track", "ms_played", "device", "context"]
    plays = plays.sort_values(order, kind="stable", ignore_index=True)
    known = pd.DataFrame({"track": pd.Series(dtype="str")}) if tracks is None else tracks
    known = known.drop_duplicates("track").set_index("track")
    row = known.index.get_indexer(pd.Index(plays["track"]))
    found = row >= 0
    length = plays["track_ms"].to_numpy(copy=True)
    unknown = found & (length <= 0)
    if "track_ms" in known:
        length[unknown] = known["track_ms"].to_numpy()[row[unknown]]
    genre = np.full(len(plays), "unknown", dtype=object)
    if "genre" in known:
        genre[found] = known["genre"].to_numpy(dtype=object)[row[found]]
    tones = {mood: _tone(known, mood, row) for mood in MOODS}
    toned = found & np.all([np.isfinite(tone) for tone in tones.values()], axis=0)
    micro = {
        f"{mood}_micro": np.where(toned, np.rint(np.nan_to_num(tone) * MICRO), 0).astype(np.int64)
        for mood, tone in tones.items()
    }
    left = _until_midnight(plays["at"])
    return plays.assign(
        ms=plays["ms_played"].clip(upper=left),
        ended=plays["ms_played"] < left,
        length=length,
        genre=pd.Series(genre, dtype="str"),
        toned=toned,
        **micro,
    )


def _until_midnight(at: pd.Series) -> pd.Series:
    """Milliseconds from each moment to the end of its day."""
    midnight = at.dt.normalize() + pd.Timedelta(days=1)
    return (midnight - at) // pd.Timedelta(milliseconds=1)


def _tone(known: pd.DataFrame, mood: str, row: np.ndarray) -> np.ndarray:
    tone = np.full(len(row), np.nan)
    if mood in known:
        tone[row >= 0] = known[mood].to_numpy(dtype=float)[row[row >= 0]]
    return tone


def _marks(plays: pd.DataFrame) -> dict[str, np.ndarray]:
    """Which plays count as what: a boolean per play."""
    ms, length, ended = (plays[name].to_numpy() for name in ("ms", "length", "ended"))
    finished = (length > 0) & (10 * ms >= 9 * length)
    first = _session_starts(plays)
    hour = plays["at"].dt.hour.to_numpy()
    return {
        "plays": np.ones(len(plays), dtype=bool),
        "skips": (ms < SKIP_MS) & ended & ~finished,
        "finishable": (length > 0) & (ended | finished),
        "listen_throughs": finished,
        "repeats": plays.duplicated(["listener", "track"]).to_numpy(),
        "sessions": first,
        "single_play_sessions": first & np.append(first[1:], True)[: len(first)],
        "toned": plays["toned"].to_numpy(),
        **{name: hour == number for number, name in enumerate(HOURS)},
    }


def _session_starts(plays: pd.DataFrame) -> np.ndarray:
    """Whether a play follows at least 30 minutes of silence, which begin when the last one ended.

    The end is that of the play before, not of the longest one so far: logs of two devices at once
    overlap, and a cut too many is the smaller lie.
    """
    start = plays["at"].to_numpy().astype("datetime64[ms]").astype(np.int64)
    silence = start[1:] - (start + plays["ms_played"].to_numpy())[:-1]
    listener = plays["listener"].to_numpy(dtype=object)
    other = listener[1:] != listener[:-1]
    return np.concatenate(
        [np.ones(min(len(plays), 1), dtype=bool), other | (silence >= SILENCE_MS)]
    )


def _choices(day: dt.date, plays: pd.DataFrame) -> pd.DataFrame:
    """Plays by listener and device, context and genre; unknown ones are absent."""
    parts = []
    for kind in KINDS:
        chosen = plays.loc[plays[kind] != "unknown", ["listener", kind]]
        counted = chosen.groupby(["listener", kind], sort=True).size().rename("plays").reset_index()
        parts.append(counted.rename(columns={kind: "value"}).assign(kind=kind))
    frame = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(
        {
            "day": _midnight(day, len(frame)),
            "listener": frame["listener"].astype("str"),
            "kind": frame["kind"].astype("str"),
            "value": frame["value"].astype("str"),
            "plays": frame["plays"].astype(np.int64),
        }
    ).sort_values(["listener", "kind", "value"], kind="stable", ignore_index=True)


def _none() -> pd.DataFrame:
    text = pd.Series(dtype="str")
    whole = pd.Series(dtype=np.int64)
    moment = pd.Series(dtype="datetime64[ms]")
    return pd.DataFrame(
        {"listener": text, "track": text, "at": moment, "ms_played": whole, "track_ms": whole}
        | {"device": text, "context": text}
    )
