"""Reach before use: what is left of each request, step by step, and how requests overlap."""

from ml.report.identities import Identity, identity
from ml.report.words import MISSING, count, known, sentence_case, share


def reach(told: dict | None, identities: dict[str, Identity]) -> dict | None:
    """A funnel per request and the table of overlaps; counts that are not told say so."""
    if not told:
        return None
    asked = told.get("requests") or []
    titles = {str(one.get("name")): str(one.get("title") or one.get("name")) for one in asked}
    return {
        "requests": [_request(one) for one in asked],
        "overlap": _overlap(told.get("overlap") or [], titles, identities),
        "fewer": f"fewer than {count(told['k'])}" if known(told.get("k")) else "too few",
        "notes": told.get("notes") or [],
    }


def _request(one: dict) -> dict:
    published, steps = bool(one.get("published")), one.get("steps") or []
    first = next((step["listeners"] for step in steps if known(step.get("listeners"))), None)
    reason = str(one.get("reason") or "").removeprefix("not published: ")
    return {
        "title": one.get("title") or one.get("name"),
        "kind": sentence_case(str(one.get("kind") or "")),
        "published": published,
        "said": f"{_told(one.get('listeners'))} listeners" if published else reason,
        "steps": [_step(step, first) for step in steps],
        "notes": [*(one.get("problems") or []), *(one.get("notes") or [])],
    }


def _step(step: dict, first: float | None) -> dict:
    listeners = step.get("listeners")
    return {
        "step": sentence_case(str(step.get("step", ""))),
        "reason": str(step.get("reason") or ""),
        "listeners": _told(listeners),
        "width": f"{listeners / first:.3f}" if known(listeners) and first else "0",
    }


def _told(listeners: object) -> str:
    return count(listeners) if known(listeners) else "not told"


def _overlap(pairs: list[dict], titles: dict[str, str], identities: dict) -> dict | None:
    """How much of the row's listeners the column holds too; rows are requests."""
    names = list(dict.fromkeys(str(pair[side]) for pair in pairs for side in ("a", "b")))
    rows = [name for name in names if name in titles]
    columns = [*rows, *(name for name in names if name not in titles)]
    if not rows:
        return None
    shares: dict[tuple[str, str], object] = {}
    for pair in pairs:
        shares[str(pair["a"]), str(pair["b"])] = pair.get("share_of_a")
        shares[str(pair["b"]), str(pair["a"])] = pair.get("share_of_b")
    called = {name: titles.get(name) or identity(identities, name).name for name in names}
    return {
        "columns": [called[name] for name in columns],
        "rows": [
            {"name": called[row], "cells": [_cell(row, column, shares) for column in columns]}
            for row in rows
        ],
    }


def _cell(row: str, column: str, shares: dict) -> dict:
    if row == column:
        return {"said": "", "depth": 0, "same": True}
    if (row, column) not in shares:
        return {"said": MISSING, "depth": 0, "same": False}
    part = shares[row, column]
    depth = round(100 * part) if known(part) else 0
    return {"said": share(part, 0) if known(part) else "few", "depth": depth, "same": False}
