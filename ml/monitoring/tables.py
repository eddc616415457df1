"""Freshness and volume: is the newest data there, and as much of it as on such days before?

Rows are compared on a logarithmic scale with what the same weekday had (the median of at least
THREE; else of all days), and what is usual is the spread of the past days about the same
expectation (the median absolute deviation, which one bad day does not move). The limit is a
quantile of Student's t at FALSE_ALARM over all tables and both sides; and within a factor ROOM
nothing is an alarm.
"""

import datetime as dt
import json
from pathlib import Path

import numpy as np

from ml.label_health import interval_of
from ml.metrics import number
from ml.monitoring.alarms import FRESHNESS, VOLUME, alarm

FALSE_ALARM = 0.01
FEWEST_DAYS = 7
THREE = 3
ROOM = 1.2
TOO_MUCH = 3.0
"""How many times the usual odds a quarantined share must surely be."""

FEW = 5
"""Quarantined rows it takes to speak of them."""


def check_tables(
    ingested: list[Path], *, day: dt.date, absent: tuple[tuple[str, str], ...] = (),
    newest: tuple[tuple[str, str], ...] = (),
) -> dict:
    """``tables`` with rows, what was expected, quarantine and age; notes and alarms.

    ``ingested`` are the folders of ingested days, of ``day`` and its past. ``absent`` names the
    (table, day) that should be there and has no file, ``newest`` the newest day of each table.
    """
    reports = [json.loads((one / "report.json").read_text("utf-8")) for one in ingested]
    names = sorted({one["table"] for one in reports} | {table for table, _ in newest})
    rows, alarms = [], []
    for name in names:
        mine = {one["day"]: one for one in reports if one["table"] == name}
        seen = dict(newest).get(name)
        row = _table(name, mine, day, len(names)) | _age(seen, day)
        rows.append(row)
        alarms += _alarms(row, day, (name, day.isoformat()) in absent)
    notes = [f"{table} of {when} is not there." for table, when in absent]
    return {"day": day.isoformat(), "tables": rows, "notes": notes, "alarms": alarms}


def _age(newest: str | None, day: dt.date) -> dict:
    age = (day - dt.date.fromisoformat(newest)).days if newest else None
    return {"newest": newest, "age_days": age}


def _table(name: str, reports: dict[str, dict], day: dt.date, tables: int) -> dict:
    tonight = reports.get(day.isoformat())
    past = {dt.date.fromisoformat(when): one["rows_in"] for when, one in reports.items()
            if when < day.isoformat()}  # fmt: skip
    found = {
        "table": name, "rows": tonight["rows_in"] if tonight else None, "expected": None,
        "low": None, "high": None, "days": [[str(when), past[when]] for when in sorted(past)],
        "quarantined": tonight["rows_quarantined"] if tonight else None,
        "usual_quarantine": None, "too_much_quarantine": False,
    }  # fmt: skip
    if tonight is None:
        return found
    found |= _quarantine(tonight, [one for when, one in reports.items() if when != str(day)])
    if len([rows for rows in past.values() if rows]) >= FEWEST_DAYS:
        found |= _expected({when: rows for when, rows in past.items() if rows}, day, tables)
    return found


def _expected(past: dict[dt.date, int], day: dt.date, tables: int) -> dict:
    """Rows to expect, and the least and most that are usual."""
    from scipy.special import stdtrit

    logs = {when: float(np.log(rows)) for when, rows in past.items()}
    errors = [value - _middle({one: at for one, at in logs.items() if one != when}, when)
              for when, value in logs.items()]  # fmt: skip
    middle = _middle(logs, day)
    # Counts vary by about their root, whatever the past days happened to do.
    spread = max(1.4826 * float(np.median(np.abs(errors))), float(np.exp(-middle / 2)))
    reach = float(stdtrit(len(logs) - 1, 1 - FALSE_ALARM / 2 / tables)) * spread
    reach = max(reach, float(np.log(ROOM)))
    return {"expected": round(float(np.exp(middle))), "low": number(np.exp(middle - reach)),
            "high": number(np.exp(middle + reach))}  # fmt: skip


def _middle(logs: dict[dt.date, float], day: dt.date) -> float:
    """The median of the day's weekday, where there are THREE of it, else of every day."""
    same = [value for when, value in logs.items() if when.weekday() == day.weekday()]
    return float(np.median(same if len(same) >= THREE else list(logs.values())))


def _quarantine(tonight: dict, past: list[dict]) -> dict:
    """Whether surely more rows were set aside than usual."""
    from scipy.special import bdtrc

    bad, rows = tonight["rows_quarantined"], tonight["rows_in"]
    total, before = sum(one["rows_in"] for one in past), sum(
        one["rows_quarantined"] for one in past)  # fmt: skip
    if not total:
        return {}
    _, high = interval_of(before, total)
    share = min(1.0, TOO_MUCH * high)
    surely = bad >= FEW and float(bdtrc(bad - 1, rows, share)) < FALSE_ALARM
    return {"usual_quarantine": number(before / total), "too_much_quarantine": bool(surely)}


def _alarms(row: dict, day: dt.date, is_absent: bool) -> list[dict]:
    table, rows = row["table"], row["rows"]
    if is_absent:
        newest = f"the newest is of {row['newest']}, {row['age_days']} days before" \
            if row["newest"] else "none of the days before has one either"  # fmt: skip
        return [alarm(FRESHNESS, f"table {table}",
                      f"{table} of {day} has not come: {newest}. Ask whoever delivers it, and run "
                      "the night again when it is there.")]  # fmt: skip
    found = []
    if rows == 0:
        found.append(alarm(
            VOLUME, f"table {table}",
            f"{table} of {day} came without a single row. Have it sent again, and run the night "
            "again."))  # fmt: skip
    elif rows is not None and row["expected"] and not row["low"] <= rows <= row["high"]:
        found.append(_unusual(row, day))
    if row["too_much_quarantine"]:
        found.append(alarm(
            VOLUME, f"table {table} quarantine",
            f"{row['quarantined']:,} of {rows:,} rows of {table} of {day} broke rules and were set "
            f"aside; usual is a share of {row['usual_quarantine']:.3%}. The day's report names the "
            "rules: docs/data-contracts.md."))  # fmt: skip
    return found


def _unusual(row: dict, day: dt.date) -> dict:
    times = row["rows"] / row["expected"]
    much = f"{times:.1f} times" if times > 1 else f"{times:.0%} of"
    return alarm(
        VOLUME, f"table {row['table']}",
        f"{row['table']} of {day} ({day:%A}) has {row['rows']:,} rows, {much} the "
        f"{row['expected']:,} to expect of such a day ({row['low']:,.0f} to {row['high']:,.0f} are "
        "usual). If rows are lacking, have the day sent again; if there are too many, look for "
        "rows that came twice.")  # fmt: skip
