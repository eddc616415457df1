"""How listeners moved between segments since last night, with and without hysteresis."""

# Typographic quotes, dashes and signs are meant.
# ruff: noqa: RUF001

from ml.report.identities import Identity, identity
from ml.report.words import count, day_in_words, known, plural, share

UNKNOWN = "unknown yet"


def churn(membership: dict | None, identities: dict[str, Identity]) -> dict | None:
    """The share that changed segment as bars, and a matrix of who moved where.

    None when tonight's membership is not known.
    """
    if not membership:
        return None
    told = membership.get("churn")
    if not told or not known(told.get("share")):
        return {"sentences": [_nothing(membership)], "bars": [], "flows": None}
    return {
        "sentences": [_changed(told, membership), _held(told)],
        "bars": _bars(told),
        "flows": _flows(membership.get("flows") or [], identities),
    }


def _nothing(membership: dict) -> str:
    if membership.get("previous_day"):
        return "Nobody was assigned on both nights, so nobody can have moved."
    return "No night before this one is known, so nobody can have moved yet."


def _changed(told: dict, membership: dict) -> str:
    before = membership.get("previous_day")
    since = f" since {day_in_words(before)}" if before else ""
    low, high = told.get("low"), told.get("high")
    sure = f" (95 % interval {share(low)} to {share(high)})" if known(low) and known(high) else ""
    return (
        f"{count(told['changed'])} of {plural(told['compared'], 'listener')} with a segment on "
        f"both nights changed it{since}: {share(told['share'])}{sure}."
    )


def _held(told: dict) -> str:
    without = told.get("share_without_hysteresis")
    if not known(without):
        return ""
    eager = f"Had everybody followed tonight’s most probable segment: {share(without)}."
    if not told.get("held"):
        return f"{eager} Nobody was kept back by the margin."
    verb = "was" if told["held"] == 1 else "were"
    return (
        f"{eager} {plural(told['held'], 'listener')} {verb} kept where they were, since the new "
        "segment did not win by the margin."
    )


def _bars(told: dict) -> list[dict]:
    pairs = [("As assigned", told["share"]), ("Without hysteresis",
             told.get("share_without_hysteresis"))]  # fmt: skip
    shown = [(name, value) for name, value in pairs if known(value)]
    longest = max(value for _, value in shown) or 1.0
    return [
        {"name": name, "share": share(value), "width": f"{value / longest:.3f}"}
        for name, value in shown
    ]


def _flows(flows: list[dict], identities: dict[str, Identity]) -> dict | None:
    """Rows where they were, columns where they are; shaded by share of all who moved."""
    moved = {
        (str(one["from"]), str(one["to"])): one["listeners"]
        for one in flows
        if one["from"] != one["to"] and one["from"] and one["to"]
    }
    total = sum(moved.values())
    if not total:
        return None
    current = [one.id for one in identities.values() if not one.retired]
    names = [*current, *sorted({name for pair in moved for name in pair} - set(current))]
    most = max(moved.values())
    rows = [
        {
            "name": identity(identities, before).name,
            "color": identity(identities, before).color,
            "total": count(sum(moved.get((before, after), 0) for after in names)),
            "cells": [_cell(before, after, moved, most) for after in names],
        }
        for before in names
    ]
    columns = [identity(identities, name) for name in names]
    return {"columns": columns, "rows": rows, "sentence": _largest(moved, total, identities)}


def _cell(before: str, after: str, moved: dict, most: int) -> dict:
    listeners = moved.get((before, after), 0)
    return {
        "count": count(listeners) if listeners else "",
        "depth": round(90 * listeners / most),
        "same": before == after,
    }


def _largest(moved: dict, total: int, identities: dict[str, Identity]) -> str:
    (before, after), listeners = max(moved.items(), key=lambda one: (one[1], one[0]))
    said = f"The commonest move: {plural(listeners, 'listener')} from “"
    return (
        f"{said}{identity(identities, before).name}” to “{identity(identities, after).name}”, "
        f"of {count(total)} in all, those counted who became known or unknown."
    )
