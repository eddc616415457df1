"""Play counts and friendships without time, as in Last.fm 2k of HetRec 2011.

Three tab-separated files: ``user_artists.dat`` (userID, artistID, weight) gives PLAYCOUNTS,
``artists.dat`` (id, name, ...) ARTISTS, ``user_friends.dat`` (userID, friendID) FRIENDSHIPS, each
friendship usually told from both sides. ``user_friends.dat`` is also read as tools for graphs
write it: without a header, below a line with the largest number of a listener plus one and a line
with the number of pairs, which must then be there. Nothing is ever quoted.

Nobody kept when anything was played, so the source has one day, that of its release: the data
say May 2011, and the first of the month is taken.
"""

import datetime as dt
from pathlib import Path

import pandas as pd

from ml.errors import SourceUnreadable
from ml.sources.delimited import split
from ml.sources.files import FETCH_AGAIN, text
from ml.sources.place import Place
from ml.sources.source import RawDay, Source, found_files

RELEASED = dt.date(2011, 5, 1)
FORMATS = {
    "playcounts": (
        "user_artists.dat", {"userID": "listener", "artistID": "artist", "weight": "plays"},
    ),
    "artists": ("artists.dat", {"id": "artist", "name": "name"}),
    "friendships": ("user_friends.dat", {"userID": "listener", "friendID": "friend"}),
}  # fmt: skip
"""Of each table: its file, and what the file calls its columns."""


def files(table: str, day: dt.date) -> tuple[str, ...]:
    """The table's file; there is one, whatever the day."""
    return (FORMATS[table][0],)


def days(folder: Place) -> list[dt.date]:
    """The day of the release, where any of the files is."""
    there = any((folder / name).exists() for name, _ in FORMATS.values())
    return [RELEASED] if there else []


def read(raw: Path, table: str, day: dt.date) -> RawDay:
    """All there is of a table, on the day of the release."""
    columns = FORMATS[table][1]
    expected = f"tab-separated text with a header, {', '.join(columns)} among its columns"
    path = found_files(raw, files(table, day), expected)[0]
    if day != RELEASED:
        advice = f"Ask for {RELEASED}, or for no day: the newest is then taken."
        raise SourceUnreadable(path, f"the only day there is, {RELEASED}", str(day), advice)
    lines = text(path, expected)
    if table == "friendships" and (pairs := _stated_pairs(lines)) is not None:
        rows, unreadable = _below_counts(lines, path, expected, pairs)
    else:
        rows, unreadable = split(lines, path, expected, "\t", quoted=False)
    if missing := [name for name in columns if name not in rows.columns]:
        found = f"columns {', '.join(rows.columns[:-1])}, without {', '.join(missing)}"
        advice = "If the format has changed, change ml/sources/lastfm.py."
        raise SourceUnreadable(path, expected, found[:300], advice)
    return RawDay(rows[[*columns, "_line"]].rename(columns=columns), unreadable)


def _stated_pairs(lines: str) -> int | None:
    """The number of pairs that a file of a tool for graphs announces; None in another file."""
    first = [line.strip() for line in lines.split("\n", 2)[:2]]
    return int(first[1]) if len(first) == 2 and all(one.isdecimal() for one in first) else None


def _below_counts(
    lines: str, path: Path, expected: str, pairs: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The pairs below two lines of counts. A file that was cut short has fewer than it says."""
    below = [*lines.split("\n", 2), ""][2]
    header = "\t".join(FORMATS["friendships"][1])
    rows, unreadable = split(f"{header}\n{below}", path, expected, "\t", quoted=False, above=1)
    if (found := len(rows) + len(unreadable)) != pairs:
        raise SourceUnreadable(
            path, f"{pairs:,} pairs, as its second line says", f"{found:,} pairs", FETCH_AGAIN
        )
    return rows, unreadable


SOURCE = Source(
    name="lastfm",
    title="Play counts and friendships without time (Last.fm 2k, HetRec 2011)",
    daily=(),
    snapshots=("playcounts", "artists", "friendships"),
    files=files,
    read=read,
    days=days,
    kinds=(),
    notes=(
        f"Nobody kept when anything was played: everything lies on {RELEASED}, the release.",
        "There are no skips, sessions, hours, devices or adverts, and no consent.",
    ),
)
