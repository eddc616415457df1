"""What went in and how it was made: ingest reports, notes, keys and receipts."""

import json
from typing import Any

from ml.report.words import count, day_in_words, days_in_words, known, sentence_case, share

MANY = 4


def tables(ingest: list[dict]) -> list[dict]:
    """A line per table: its days, totals, and the day with the largest quarantined share."""
    names = sorted({str(report.get("table", "")) for report in ingest})
    return [_table(name, [r for r in ingest if str(r.get("table", "")) == name]) for name in names]


def _table(name: str, reports: list[dict]) -> dict:
    worst = max(reports, key=lambda report: (_quarantined(report), str(report.get("day"))))
    totals = {
        part: sum(report.get(part) or 0 for report in reports)
        for part in ("rows_in", "rows_kept", "rows_quarantined", "exact_duplicates")
    }
    return {
        "name": name.lower(),
        "days": days_in_words([report.get("day") for report in reports]),
        **{part: count(total) for part, total in totals.items()},
        "share": share(totals["rows_quarantined"] / max(totals["rows_in"], 1), 2)
        if totals["rows_quarantined"]
        else "",
        "balanced": totals["rows_in"]
        == totals["rows_kept"] + totals["rows_quarantined"] + totals["exact_duplicates"],
        "worst": f"{day_in_words(worst.get('day'))}: {share(_quarantined(worst), 2)}"
        if _quarantined(worst)
        else "",
    }


def _quarantined(report: dict) -> float:
    return (report.get("rows_quarantined") or 0) / (report.get("rows_in") or 1)


def rules(ingest: list[dict]) -> list[dict]:
    """Each rule that rows broke, most rows first, with an example from its worst day."""
    broken: dict[tuple[str, str, str], list[dict]] = {}
    for report in ingest:
        for rule in report.get("rules") or []:
            name = (
                str(report.get("table", "")).lower(),
                str(rule.get("column") or ""),
                str(rule.get("rule")),
            )
            broken.setdefault(name, []).append(rule)
    lines = [_rule(name, found) for name, found in broken.items()]
    lines.sort(key=lambda line: (-line["broken"], line["table"], line["column"], line["rule"]))
    return [line for line in lines if line["broken"]]


def _rule(name: tuple[str, str, str], found: list[dict]) -> dict:
    table, column, rule = name
    broken = sum(one.get("rows") or 0 for one in found)
    worst = max(found, key=lambda one: one.get("rows") or 0)
    example = as_text(worst.get("example"))
    return {
        "table": table,
        "column": column,
        "rule": rule,
        "broken": broken,
        "rows": count(broken),
        "example": example,
    }


def notes(evaluation: dict, ingest: list[dict]) -> list[str]:
    """Every sentence about what was degraded, once; a day's note with all days it was made on."""
    days: dict[tuple[str, str], list] = {}
    for report in ingest:
        for note in report.get("notes") or []:
            days.setdefault((_table_in_words(report), str(note)), []).append(report.get("day"))
    said = [str(note) for note in evaluation.get("notes") or []]
    said += [f"{table}, {days_in_words(on)}: {note}" for (table, note), on in days.items()]
    return list(dict.fromkeys(said))


def _table_in_words(report: dict) -> str:
    return sentence_case(str(report.get("table", "")).lower())


def examined(evaluation: dict) -> list[dict]:
    """The test set in four figures."""
    facts = [
        (
            "Test days" if len(evaluation.get("test_days") or []) > 1 else "Test day",
            days_in_words(evaluation.get("test_days") or []),
        ),
        ("Rows judged", count(evaluation.get("rows"))),
        ("Listeners", count(evaluation.get("listeners"))),
        ("Positives", _positives(evaluation)),
    ]
    return [
        {"name": name, "value": value} for name, value in facts if value and value != count(None)
    ]


def _positives(evaluation: dict) -> str:
    rate = evaluation.get("base_rate")
    said = count(evaluation.get("positives"))
    return (
        f"{said} ({share(rate, 2)})" if known(evaluation.get("positives")) and known(rate) else said
    )


def provenance(inputs: dict | None, receipt: dict | None, decision: dict) -> list[dict]:
    """What names the model: keys, days, the receipt; in the order they were given."""
    lines = (
        [("Live model", f"of {day_in_words(decision['live_day'])}")]
        if decision.get("live_day")
        else []
    )
    lines += [(sentence_case(str(name)), as_text(value)) for name, value in (inputs or {}).items()]
    lines += [
        (f"Receipt: {str(name).replace('_', ' ')}", as_text(value))
        for name, value in (receipt or {}).items()
    ]
    return [{"name": name, "value": value, "is_key": _is_key(value)} for name, value in lines]


def _is_key(value: str) -> bool:
    return " " not in value and any(letter.isdigit() for letter in value) and len(value) >= 8


def as_text(value: Any) -> str:
    """A value of a manifest as one short line; long lists are counted rather than shown."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return count(value)
    if isinstance(value, list | tuple | set):
        items = (
            sorted(str(item) for item in value)
            if isinstance(value, set)
            else [str(item) for item in value]
        )
        more = f" and {len(items) - MANY} more" if len(items) > MANY else ""
        return ", ".join(items[:MANY]) + more
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return str(value)
