"""Reach before use: what is left of each request, step by step, and how requests overlap."""

# Typographic quotes, dashes and signs are meant.
# ruff: noqa: RUF001

from ml.report.identities import Identity, identity
from ml.report.words import count, known, sentence_case, share


def reach(told: dict | None, identities: dict[str, Identity]) -> dict | None:
    """A funnel per request and the table of overlaps; counts below k say so."""
    if not told:
        return None
    k = told.get("k")
    titles = {str(one.get("name")): str(one.get("title") or one.get("name"))
              for one in told.get("requests") or []}  # fmt: skip
    return {
        "requests": [_request(one, k) for one in told.get("requests") or []],
        "overlap": _overlap(told.get("overlap") or [], titles, identities),
        "fewer": few(k),
        "notes": told.get("notes") or [],
    }


def few(k: object) -> str:
    """What stands for a count that is too small to be told."""
    return f"fewer than {count(k)}" if known(k) else "too few to say"


def _request(one: dict, k: object) -> dict:
    published = bool(one.get("published"))
    steps = one.get("steps") or []
    first = next((step["listeners"] for step in steps if known(step.get("listeners"))), None)
    return {
        "title": one.get("title") or one.get("name"),
        "kind": sentence_case(str(one.get("kind") or "")),
        "published": published,
        "said": _left(one, k) if published else _reason(one, k),
        "steps": [_step(step, first, k) for step in steps],
    }


def _left(one: dict, k: object) -> str:
    listeners = one.get("listeners")
    return f"{count(listeners) if known(listeners) else few(k)} listeners"


def _reason(one: dict, k: object) -> str:
    reason = str(one.get("reason") or "").removeprefix("not published: ")
    return reason or f"{few(k)} listeners"


def _step(step: dict, first: int | None, k: object) -> dict:
    listeners = step.get("listeners")
    return {
        "step": sentence_case(str(step.get("step", ""))),
        "reason": str(step.get("reason") or ""),
        "listeners": count(listeners) if known(listeners) else few(k),
        "width": f"{listeners / first:.3f}" if known(listeners) and first else "0",
    }


def _overlap(pairs: list[dict], titles: dict[str, str], identities: dict) -> dict | None:
    """How much of the row's listeners the column holds too; both directions of each pair."""
    names = list(dict.fromkeys(str(pair[side]) for pair in pairs for side in ("a", "b")))
    if len(names) < 2:
        return None
    shares: dict[tuple[str, str], object] = {}
    for pair in pairs:
        shares[str(pair["a"]), str(pair["b"])] = pair.get("share_of_a")
        shares[str(pair["b"]), str(pair["a"])] = pair.get("share_of_b")
    titled = {name: titles.get(name) or identity(identities, name).name for name in names}
    return {
        "columns": [titled[name] for name in names],
        "rows": [
            {"name": titled[row], "cells": [_cell(row, column, shares) for column in names]}
            for row in names
        ],
    }


def _cell(row: str, column: str, shares: dict) -> dict:
    if row == column:
        return {"said": "", "depth": 0, "same": True}
    if (row, column) not in shares:
        return {"said": "–", "depth": 0, "same": False}
    part = shares[row, column]
    depth = round(100 * part) if isinstance(part, float | int) else 0
    return {"said": share(part, 0) if known(part) else "few", "depth": depth, "same": False}
