"""A music service's event log in JSON lines: ``YYYY-MM-DD-events.json``, one event a line.

A play is a ``NextSong`` event. The log does not say how long a song was heard, so a play lasts
until the next event of its session, at most the song's length; the last song of a session in
the day's file counts as heard to its end. A track has no id of its own: artist and song make
one. The page last seen in the session before a play is its context.
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


def days(folder: Path) -> list[dt.date]:
    """The days whose log is in ``folder``."""
    names = (re.match(r"(\d{4}-\d\d-\d\d)-events\.json", path.name) for path in folder.iterdir())
    return sorted({dt.date.fromisoformat(found[1]) for found in names if found})


def read(raw: Path, table: str, day: dt.date) -> RawDay:
    """The day's plays, or the listeners seen on it."""
    path = found_files(raw, files(table, day), EXPECTED)[0]
    events, unreadable = _events(path)
    return {"listens": _listens, "listeners": _listeners}[table](events, unreadable)


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
            "track": _track(ordered["artist"], ordered["song"]),
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


def _track(artist: pd.Series, song: pd.Series) -> pd.Series:
    codes, pairs = pd.factorize(artist.astype("str") + "\x1f" + song.astype("str"))
    names = [hashlib.sha256(str(pair).encode()).hexdigest()[:16] for pair in pairs]
    known = artist.notna() & song.notna()
    track = pd.Series(np.array([*names, ""], dtype=object)[codes], artist.index, dtype="str")
    return track.where(known)


def _device(agents: pd.Series) -> pd.Series:
    device = pd.Series("unknown", agents.index, dtype="str")
    for mark, name in reversed(DEVICES.items()):
        device = device.mask(agents.astype("str").str.contains(mark, regex=False, na=False), name)
    return device


SOURCE = Source(
    name="eventlog",
    title="A music service's event log in JSON lines",
    daily=("listens",),
    snapshots=("listeners",),
    files=files,
    read=read,
    days=days,
    notes=("The log has no adverts, no audio features and no consent.",),
)
