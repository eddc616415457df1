"""What segments are called: the names they were discovered with, unless a person knows better.

A person's names stand in a file that is reviewed like code: ``segment,name`` with a line for each
segment to rename, and any further columns (why, who) for its readers. A segment keeps its id from
discovery to discovery, so a name stays where it was put.
"""

from pathlib import Path

import pandas as pd

from ml.errors import NamesUnusable
from ml.sources.delimited import delimited

EXPECTED = "a CSV file with the columns segment and name"
LONGEST = 80


def name_segments(definitions: dict, overrides: Path | None = None) -> dict:
    """``names.json``: id, name, color and discovered name of every segment.

    Segments retired at the last discovery are listed too, for a model that was live before may
    still answer with them. Raises NamesUnusable with everything that is wrong with the file; a
    line for a segment that does not exist (any more) is noted.
    """
    frozen = definitions["definitions.json"]
    known = [*frozen["segments"], *((frozen.get("previous") or {}).get("retired") or [])]
    given = {} if overrides is None else _read(overrides)
    segments = [
        {
            "id": one["id"],
            "name": given.get(one["id"], one["name"]),
            "color": one["color"],
            "discovered_name": one["name"],
        }
        for one in known
    ]
    _refuse_twins(segments, overrides)
    ids = [one["id"] for one in segments]
    overridden = [one for one in ids if one in given]
    notes = _strangers(sorted(given.keys() - set(ids)))
    return {"names.json": {"segments": segments, "overridden": overridden, "notes": notes}}


def _strangers(ids: list[str]) -> list[str]:
    if not ids:
        return []
    return [f"{len(ids)} names are for segments that do not exist: {', '.join(ids)}."]


def _read(path: Path) -> dict[str, str]:
    rows, odd = delimited(path, EXPECTED)
    problems = [f"line {line}: {reason}" for line, reason in odd.to_numpy().tolist()]
    if lacking := [name for name in ("segment", "name") if name not in rows]:
        raise NamesUnusable(path, EXPECTED, [f"no column {' and no column '.join(lacking)}"])
    rows = rows.assign(segment=rows["segment"].str.strip(), name=rows["name"].str.strip())
    problems += _problems(rows)
    if problems:
        raise NamesUnusable(path, EXPECTED, problems)
    return dict(zip(rows["segment"], rows["name"], strict=True))


def _problems(rows: pd.DataFrame) -> list[str]:
    found = []
    for line, segment, name in rows[["_line", "segment", "name"]].to_numpy().tolist():
        if not segment or not name:
            found.append(f"line {line}: an empty {'segment' if not segment else 'name'}")
        elif len(name) > LONGEST:
            found.append(f"line {line}: a name of {len(name)} characters; at most {LONGEST}")
    for column in ("segment", "name"):
        twice = rows.loc[rows[column].duplicated() & (rows[column] != ""), column].unique()
        found += [f"{column} {value!r} stands in it more than once" for value in twice]
    return found


def _refuse_twins(segments: list[dict], overrides: Path | None) -> None:
    names = [one["name"] for one in segments]
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins and overrides is not None:
        shared = [f"{name!r} would be the name of {names.count(name)} segments" for name in twins]
        raise NamesUnusable(overrides, EXPECTED, shared)
