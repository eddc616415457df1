"""How the data and the watch over it did over time: drift, freshness, volume, alarms."""

from dataclasses import dataclass
from typing import Any

from ml.families import FAMILIES
from tasks.engine.errors import CorruptPayload
from tasks.engine.nights import Night
from workflows.page.series import Point
from workflows.page.shelf import Look, is_day
from workflows.page.stages import WATCH, stage_of
from workflows.page.trouble import Trouble, alarms


@dataclass(frozen=True)
class Drift:
    """What moved between the days a family's model learnt from and those it was judged on."""

    title: str
    family: str
    over_time: list[Point]
    """Per night, how many features moved."""
    day: str
    moved: list[dict[str, Any]]
    """On the newest night, the features that moved, the furthest first."""
    features: int
    scores: str


@dataclass(frozen=True)
class Freshness:
    """The days of one table, as they were ingested."""

    table: str
    newest: str
    rows: int | None
    said: str
    over_time: list[Point]


def drifts(look: Look, nights: list[Night]) -> list[Drift]:
    """The drift of every family that was judged on these nights."""
    found = []
    for family, spec in FAMILIES.items():
        judged = [(night.day, told) for night in nights
                  if (told := _drift(look, family, night.day)) is not None]
        if judged:
            day, newest = judged[0]
            moved = [one for one in newest["features"] if one["verdict"] != "stable"]
            points = [Point(when, float(sum(one["verdict"] != "stable"
                                            for one in told["features"])))
                      for when, told in judged]
            scores = str((newest.get("scores") or {}).get("verdict", ""))
            found.append(Drift(spec.title, family, points, day, moved,
                               len(newest["features"]), scores))
    return found


def freshness(look: Look, days: int) -> list[Freshness]:
    """Every ingested table: its newest day, and rows by day."""
    tables: dict[str, list[str]] = {}
    for label in look.store.labels("IngestDay"):
        table, _, day = label.rpartition(".")
        if is_day(day):
            tables.setdefault(table, []).append(day)
    return [_freshness(look, table, sorted(known)[-days:])
            for table, known in sorted(tables.items())]


def alarms_by_night(look: Look, nights: list[Night]) -> list[tuple[str, list[Trouble]]]:
    """The alarms of every night that somebody watched over, newest first."""
    watched = [one for one in nights if any(stage_of(task) == WATCH for task, _ in one.cells)]
    return [(night.day, list(alarms(look, night))) for night in watched]


def _freshness(look: Look, table: str, days: list[str]) -> Freshness:
    told: list[tuple[str, int, str]] = []
    for day in days:
        entry = look.newest("IngestDay", f"{table}.{day}")
        if entry is None:
            continue
        try:
            manifest = look.shelf.manifest(entry.address)
        except CorruptPayload:
            continue
        told.append((day, manifest.rows or 0, manifest.summary))
    points = [Point(day, float(rows)) for day, rows, _ in told]
    newest = told[-1] if told else (days[-1], None, "")
    return Freshness(table, newest[0], newest[1], newest[2], points)


def _drift(look: Look, family: str, day: str) -> dict[str, Any] | None:
    judged = look.value("EvaluateModel", f"{family}.{day}", "evaluation.json")
    return ((judged or {}).get("drift") or {}).get("model")
