"""A music service's event log in JSON lines: ``YYYY-MM-DD-events.json``, one event a line.

A play is a ``NextSong`` event. The log does not say how long a song was heard, so a play lasts
until the next event of its session, at most the song's length; the last song of a session in
the day's file counts as heard to its end. The page last seen in the session before a play is its
context.

Neither tracks nor artists have ids: a hash of artist and song is the track's, a hash of the artist
the artist's. The table ARTISTS has the name as it can be printed: control characters and runs of
spaces become one space, and past 128 characters it is cut.
"""

import datetime as dt
import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd

from ml.errors import SourceUnreadable
from ml.sources.files import text
from ml.sources.place import Place
from ml.sources.source import RawDay, Source, found_files
from ml.sources.source import unreadable as set_aside

EXPECTED = "JSON lines, one event a line"
FIELDS = ("page", "userId", "sessionId", "ts", "level", "artist", "song", "length", "location",
          "registration", "gender", "userAgent")  # fmt: skip
IDS = ("userId", "sessionId")
DEVICES = {"iPhone": "phone", "Android": "phone", "iPad": "tablet", "Macintosh": "mac",
           "Windows": "windows", "Linux": "linux"}  # fmt: skip
GENDERS = {"F": "female", "M": "male"}


def files(table: str, day: dt.date) -> tuple[str, ...]:
    """The day's log: every table comes from the same one."""
    return (f"{day}-events.json", f"{day}-events.json.gz")


def days(folder: Place) -> list[dt.date]:
    """The days whose log is in ``folder``."""
    names = (re.match(r"(\d{4}-\d\d-\d\d)-events\.json", path.name) for path in folder.iterdir())
    return sorted({dt.date.fromisoformat(found[1]) for found in names if found})


def read(raw: Path, table: str, day: dt.date) -> RawDay:
    """The day's plays, or the listeners, tracks or artists seen on it."""
    path = found_files(raw, files(table, day), EXPECTED)[0]
    events, unreadable = _events(path)
    tables = {
        "listens": _listens, "listeners": _listeners, "tracks": _tracks, "artists": _artists,
    }  # fmt: skip
    return tables[table](events, unreadable)


def _events(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The events, and the lines that are none."""
    events: list[tuple[int, dict]] = []
    odd: list[tuple[int, str]] = []
    for number, line in enumerate(text(path, EXPECTED).split("\n"), start=1):
        if line.strip():
            event, reason = _event(line)
            if reason:
                odd.append((number, reason))
            else:
                events.append((number, event))
    rows = pd.DataFrame([event for _, event in events], columns=_columns(events))
    if events and (missing := [name for name in FIELDS if name not in rows.columns]):
        advice = "If the format has changed, change ml/sources/eventlog.py."
        found = f"no event with {', '.join(missing)}"
        raise SourceUnreadable(path, f"events with {', '.join(FIELDS)}", found, advice)
    rows["_line"] = pd.Series([number for number, _ in events], dtype="int64")
    return rows, set_aside(odd)


def _columns(events: list) -> list[str] | None:
    return None if events else list(FIELDS)


def _event(line: str) -> tuple[dict, str]:
    """An event, or the reason why the line is none."""
    try:
        event = json.loads(line)
    except json.JSONDecodeError as error:
        return {}, f"not JSON: {error.msg} at character {error.pos + 1}"
    if not isinstance(event, dict):
        return {}, "not a JSON object"
    if not event.get("page"):
        return {}, "an event without a page"
    # Ids are text, also where a writer sent numbers: 26 and "26" are one listener.
    ids = {name: str(event[name]) for name in IDS if event.get(name) is not None}
    return event | ids, ""


def _listens(events: pd.DataFrame, unreadable: pd.DataFrame) -> RawDay:
    ordered = events.assign(at_ms=pd.to_numeric(events["ts"], errors="coerce")).sort_values(
        ["userId", "sessionId", "at_ms", "_line"], kind="stable", ignore_index=True
    )
    session = ordered.groupby(["userId", "sessionId"], dropna=False)
    song = ordered["page"] == "NextSong"
    track_ms = (pd.to_numeric(ordered["length"], errors="coerce") * 1000).round()
    until_next = session["at_ms"].shift(-1) - ordered["at_ms"]
    pages = ordered["page"].where(~song).groupby([ordered["userId"], ordered["sessionId"]]).ffill()
    plays = pd.DataFrame(
        {
            "listener": ordered["userId"],
            "track": _id(ordered["artist"], ordered["song"]),
            "at": pd.to_datetime(ordered["at_ms"], unit="ms").astype("datetime64[ms]"),
            "ms_played": np.fmin(track_ms, until_next),
            "track_ms": track_ms,
            "device": _device(ordered["userAgent"]),
            "context": pages.str.lower().str.replace(" ", "_"),
            "_line": ordered["_line"],
        }
    )
    known = song & _has_listener(ordered)
    anonymous = int((song & ~known).sum())
    notes = [f"{int((~song).sum()):,} events are not plays."]
    if anonymous:
        notes.append(f"{anonymous:,} plays have no listener (nobody was logged in).")
    return RawDay(plays[known].reset_index(drop=True), unreadable, int((~known).sum()),
                  tuple(notes))  # fmt: skip


def _listeners(events: pd.DataFrame, unreadable: pd.DataFrame) -> RawDay:
    known = events[_has_listener(events)]
    order = pd.to_numeric(known["ts"], errors="coerce").sort_values(kind="stable").index
    last = known.loc[order].drop_duplicates("userId", keep="last").reset_index(drop=True)
    state = last["location"].astype("str").str.contains(r", [A-Z]{2}(?:-[A-Z]{2})*$", na=False)
    rows = pd.DataFrame(
        {
            "listener": last["userId"],
            "tier": last["level"],
            "country": np.where(state, "US", "unknown"),
            "joined": pd.to_datetime(
                pd.to_numeric(last["registration"], errors="coerce"), unit="ms"
            ).astype("datetime64[ms]"),
            "device": _device(last["userAgent"]),
            "age_band": "unknown",
            "gender": last["gender"].map(GENDERS),
            "_line": last["_line"],
        }
    )
    note = "Only listeners seen on the day are known; a listener's last event of the day decides."
    return RawDay(rows, unreadable, len(events) - len(rows), (note,))


def _has_listener(events: pd.DataFrame) -> pd.Series:
    return events["userId"].notna() & (events["userId"] != "")


def _tracks(events: pd.DataFrame, unreadable: pd.DataFrame) -> RawDay:
    """One row per song played; where a length differs, the last one read decides."""
    rows = pd.DataFrame(
        {
            "track": _id(events["artist"], events["song"]),
            "artist": _id(events["artist"]),
            "genre": "unknown",
            "track_ms": (pd.to_numeric(events["length"], errors="coerce") * 1000).round(),
            "_line": events["_line"],
        }
    )[events["page"] == "NextSong"]
    return _seen(rows, "track", len(events), unreadable)


def _artists(events: pd.DataFrame, unreadable: pd.DataFrame) -> RawDay:
    """One row per artist played; of spellings that differ in spaces, all are kept."""
    rows = pd.DataFrame(
        {
            "artist": _id(events["artist"]),
            "name": events["artist"].astype("str").map(_printable, na_action="ignore"),
            "_line": events["_line"],
        }
    )[events["page"] == "NextSong"]
    return _seen(rows, "artist", len(events), unreadable)


def _seen(rows: pd.DataFrame, name: str, events: int, unreadable: pd.DataFrame) -> RawDay:
    known = rows[rows[name].notna()].drop_duplicates(name, keep="last")
    note = f"Only what was played on the day is known; each {name} has one row, its last."
    return RawDay(known.reset_index(drop=True), unreadable, events - len(known), (note,))


def _printable(name: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", name).strip()[:128] or "unknown"


def _id(*parts: pd.Series) -> pd.Series:
    """An id made of names: equal for equal names, missing where one is missing."""
    joined = parts[0].astype("str")
    for part in parts[1:]:
        joined = joined + "\x1f" + part.astype("str")
    codes, names = pd.factorize(joined)
    hashed = [hashlib.sha256(str(name).encode()).hexdigest()[:16] for name in names]
    known = pd.concat(parts, axis=1).notna().all(axis=1)
    return pd.Series(np.array([*hashed, ""], dtype=object)[codes], joined.index, dtype="str").where(
        known
    )


def _device(agents: pd.Series) -> pd.Series:
    device = pd.Series("unknown", agents.index, dtype="str")
    for mark, name in reversed(DEVICES.items()):
        device = device.mask(agents.astype("str").str.contains(mark, regex=False, na=False), name)
    return device


SOURCE = Source(
    name="eventlog",
    title="A music service's event log in JSON lines",
    daily=("listens",),
    snapshots=("listeners", "tracks", "artists"),
    files=files,
    read=read,
    days=days,
    notes=(
        "The log has no adverts, no genres, no audio features and no consent.",
        "A day's tracks and artists are those played on it.",
    ),
)
