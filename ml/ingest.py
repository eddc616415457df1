"""A day of a source becomes shards of a contract: checked, pseudonymised, sorted, accounted for.

Rows that break a rule go to quarantine beside the day, up to a tolerance; above it the day is
refused. Always: rows in = rows kept + rows quarantined + exact duplicates.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from ml.coded import coded, plain, renamed
from ml.coercion import EMPTY, coerce, shape_problems
from ml.contract import Contract, broken
from ml.errors import RowViolation, ShapeViolation
from ml.ordering import in_order, repeated
from ml.privacy import PseudonymKey, is_forgotten, pseudonym, refuse_sensitive, shard_of
from ml.shards import file_of
from ml.sources.source import RawDay, together

READABLE = "must be readable"
Read = Callable[[Path, str, dt.date], RawDay]


def ingest(
    raw: Path | list[Path],
    forgotten: pd.DataFrame | None = None,
    *,
    read: Read,
    table: Contract,
    day: dt.date,
    key: PseudonymKey,
    shards: int,
    source_name: str,
    tolerance: float = 0.001,
) -> dict:
    """The shards, the quarantine and the report of one day of one table.

    ``{"shard-000.parquet": frame, ..., "quarantine.parquet": frame, "report.json": dict}``; a
    table without listeners has one shard. Rows that name a listener on the list of the
    ``forgotten`` count as never delivered. ``tolerance`` is the share of rows that may break
    rules. ``raw`` is the day's folder, its file, or its files. Raises SourceUnreadable,
    ShapeViolation, RowViolation or SensitiveFeature.
    """
    found = together([read(one, table.name, day) for one in _listed(raw)])
    found = _without(found, forgotten, table, key)
    rows = table.completed(found.rows.reset_index(drop=True))
    _refuse_shape(rows, table, day, source_name)
    typed, breaches, duplicate = check(rows, table, day)
    report = _report(found, breaches, duplicate, table, day, source_name)
    bad = report["rows_quarantined"]
    if bad > tolerance * report["rows_in"]:
        raise RowViolation(table.name, day, report["rows_in"], bad, tolerance, report["rules"])
    kept = typed[~typed.index.isin(breaches["row"]) & ~duplicate]
    return {
        **_shards(_pseudonymised(kept, table, key), table, shards),
        "quarantine.parquet": _quarantine(found, rows, breaches, table, key),
        "report.json": report,
    }


def _without(
    found: RawDay, forgotten: pd.DataFrame | None, table: Contract, key: PseudonymKey
) -> RawDay:
    """The day as if the source had no row that names a forgotten listener, in any column."""
    if forgotten is None or forgotten.empty:
        return found
    rows = found.rows
    gone = pd.Series(False, rows.index)
    for name in table.listeners:
        if name in rows.columns:
            gone |= is_forgotten(pseudonym(rows[name], key), forgotten)
    return dataclasses.replace(found, rows=rows[~gone].reset_index(drop=True))


def _listed(raw: Path | list[Path]) -> list[Path]:
    return raw if isinstance(raw, list) else [raw]


def check(
    rows: pd.DataFrame, table: Contract, day: dt.date
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Rows in the contract's dtypes, their breaches, and which merely repeat an earlier row."""
    typed, unreadable = coerce(rows, table)
    typed = coded(typed)
    whole = ~typed.index.isin(unreadable["row"])
    duplicate = pd.Series(False, typed.index)
    duplicate[whole] = repeated(typed[whole], table.order)
    judged = typed[whole & ~duplicate]
    failed = broken(judged.reset_index(drop=True), table, day)
    failed["row"] = judged.index.to_numpy()[failed["row"]]
    breaches = pd.concat([unreadable, failed], ignore_index=True)
    return typed, breaches.sort_values("row", kind="stable", ignore_index=True), duplicate


def _refuse_shape(rows: pd.DataFrame, table: Contract, day: dt.date, source_name: str) -> None:
    if problems := shape_problems(rows, table):
        raise ShapeViolation(table.name, day, source_name, problems)
    extra = [column.name for column in table.columns_of(rows)[len(table.columns) :]]
    refuse_sensitive(extra, where=f"source {source_name!r}")


def _shards(kept: pd.DataFrame, table: Contract, shards: int) -> dict[str, pd.DataFrame]:
    rest = [name for name in kept.columns if name not in table.order]
    ordered = in_order(kept, table.order, rest)
    if not table.by_listener:
        return {file_of(0): plain(ordered)}
    shard = shard_of(ordered["listener"], shards)
    return {
        file_of(number): plain(ordered[shard == number].reset_index(drop=True))
        for number in range(shards)
    }


def _pseudonymised(frame: pd.DataFrame, table: Contract, key: PseudonymKey) -> pd.DataFrame:
    def named(ids: pd.Series) -> pd.Series:
        return pseudonym(ids, key)

    return frame.assign(**{name: renamed(frame[name], named) for name in table.listeners})


def _quarantine(
    found: RawDay, rows: pd.DataFrame, breaches: pd.DataFrame, table: Contract, key: PseudonymKey
) -> pd.DataFrame:
    """One row per quarantined row: where it stood, the rules it broke, its values as text."""
    columns = [column.name for column in table.columns_of(rows)]
    told = breaches.assign(reason=breaches["column"] + " " + breaches["rule"])
    rules = told.groupby("row", sort=True).agg({"rule": "; ".join, "reason": "; ".join})
    bad = rows.loc[rules.index, columns].astype("str").fillna("")
    for name in table.listeners:
        bad[name] = pseudonym(bad[name], key).where(bad[name] != "", "")
    bad.insert(0, "line", rows.loc[rules.index, "_line"].astype("int64"))
    bad.insert(1, "rule", rules["rule"].astype("str"))
    bad.insert(2, "reason", rules["reason"].astype("str"))
    lost = found.unreadable.rename(columns={"_line": "line"}).assign(rule=READABLE)
    together = pd.concat([bad, lost], ignore_index=True).reindex(columns=bad.columns)
    text = [name for name in together.columns if name != "line"]
    together[text] = together[text].astype("str").fillna("")
    return together.astype({"line": "int64"}).sort_values("line", kind="stable", ignore_index=True)


def _report(
    found: RawDay,
    breaches: pd.DataFrame,
    duplicate: pd.Series,
    table: Contract,
    day: dt.date,
    source_name: str,
) -> dict:
    rows_in = len(found.rows) + len(found.unreadable)
    quarantined = breaches["row"].nunique() + len(found.unreadable)
    repeated = int(duplicate.sum())
    return {
        "table": table.name,
        "day": day.isoformat(),
        "source": source_name,
        "rows_in": rows_in,
        "rows_kept": rows_in - quarantined - repeated,
        "rows_quarantined": quarantined,
        "exact_duplicates": repeated,
        "rows_out_of_scope": found.out_of_scope,
        "rules": _rules(found, breaches, table),
        "notes": [*found.notes, *_dropped(found.rows, table)],
    }


def _rules(found: RawDay, breaches: pd.DataFrame, table: Contract) -> list[dict]:
    hidden = {column.name for column in table.columns if column.sensitive or column.listener}
    lines = found.rows["_line"].to_numpy()
    counted = [
        {
            "rule": str(rule),
            "column": str(column),
            "rows": int(group["row"].nunique()),
            "example": _example(lines[group["row"].iloc[0]], str(rule), group, column in hidden),
        }
        for (column, rule), group in breaches.groupby(["column", "rule"], sort=True)
    ]
    if len(found.unreadable):
        first = found.unreadable.iloc[0]
        counted.append(
            {
                "rule": READABLE,
                "column": "(row)",
                "rows": len(found.unreadable),
                "example": f"line {first['_line']}: {first['reason']}",
            }
        )
    return counted


def _example(line: int, rule: str, group: pd.DataFrame, hidden: bool) -> str:
    if rule == EMPTY:
        return f"line {line}"
    value = "(not shown)" if hidden else repr(str(group["value"].iloc[0])[:60])
    return f"line {line}: {value}"


def _dropped(rows: pd.DataFrame, table: Contract) -> list[str]:
    known = {column.name for column in table.columns_of(rows)} | {"_line"}
    extra = sorted(str(name) for name in rows.columns if name not in known)
    return [f"Columns outside the contract were dropped: {', '.join(extra)}."] if extra else []


