"""How discovery chose: the candidates, how stable the choice is, what became of the old ones."""

from ml.report.identities import Identity, identity
from ml.report.words import day_in_words, figure, known, plural, sentence_case, share

COLUMNS = (
    ("stability", "Stability", 2),
    ("usefulness", "Usefulness", 2),
    ("silhouette", "Silhouette", 2),
    ("smallest_share", "Smallest", None),
)
FIRM, SHAKY = 0.8, 0.6


def discovery(
    definitions: dict | None, quality: dict | None, identities: dict[str, Identity]
) -> dict | None:
    """The table of candidates, the sentence on stability, and identity across discoveries.

    ``quality`` is ``definitions["quality"]`` unless the night measured it anew.
    """
    if not definitions:
        return None
    told = quality or definitions.get("quality") or {}
    candidates = told.get("candidates") or []
    shown = [one for one in COLUMNS if any(known(each.get(one[0])) for each in candidates)]
    methods = any(one.get("method") for one in candidates)
    return {
        "methods": methods,
        "columns": [title for _, title, _ in shown],
        "candidates": [_candidate(one, told, shown) for one in candidates],
        "sentence": _stable_in_words(told, candidates),
        "identity": _identity(definitions, identities),
    }


def _candidate(one: dict, told: dict, shown: list) -> dict:
    return {
        "k": one.get("k"),
        "method": sentence_case(str(one.get("method") or "")),
        "chosen": _chosen(one, told),
        "cells": [
            share(one.get(key), 0) if digits is None else figure(one.get(key), digits)
            for key, _, digits in shown
        ],
    }


def _chosen(one: dict, told: dict) -> bool:
    method = told.get("method")
    return one.get("k") == told.get("k") and (not method or one.get("method") in (None, method))


def _stable_in_words(told: dict, candidates: list[dict]) -> str:
    chosen = next((one for one in candidates if _chosen(one, told)), None)
    if chosen is None:
        return "Nothing was chosen: there were too few listeners to tell segments apart."
    method = chosen.get("method") or told.get("method")
    by = f" by {str(method).replace('_', ' ')}" if method else ""
    of = plural(len(candidates), "candidate")
    said = f"Chosen: {plural(chosen['k'], 'segment')}{by}, of {of}."
    stability = chosen.get("stability")
    if not known(stability):
        return f"{said} How stable they are was not measured."
    return (
        f"{said} Discovered again from random parts of the listeners, the segments agree by "
        f"{figure(stability, 2)}, where 1 is the same segments and 0 is chance: "
        f"{_rating(stability)}."
    )


def _rating(stability: float) -> str:
    if stability >= FIRM:
        return "the groups are really there"
    if stability >= SHAKY:
        return "the groups are there, their borders are soft"
    return "the segments cut a continuum, so a listener near a border could be called either way"


def _identity(definitions: dict, identities: dict[str, Identity]) -> dict:
    before = definitions.get("previous")
    if not before:
        said = "These are the first definitions: nothing to compare them with."
        return {"sentence": said, "groups": []}
    kept = [
        _chip(identity(identities, one.get("id"), one), share(one.get("overlap"), 0))
        for one in before.get("kept") or []
    ]
    new = [_chip(identity(identities, one)) for one in before.get("new") or []]
    retired = [
        _chip(identity(identities, one.get("id"), one)) for one in before.get("retired") or []
    ]
    groups = [("Kept", kept), ("New", new), ("Retired", retired)]
    return {
        "sentence": _matched_in_words(before, len(kept), len(new), len(retired)),
        "groups": [{"title": title, "chips": chips} for title, chips in groups if chips],
    }


def _chip(own: Identity, detail: str = "") -> dict:
    return {"name": own.name, "color": own.color, "detail": detail}


def _matched_in_words(before: dict, kept: int, new: int, retired: int) -> str:
    day = day_in_words(before.get("as_of"))
    said = (
        f"Beside the definitions of {day}: {kept or 'none'} kept (with the share of their "
        f"listeners that stayed together), {new or 'none'} new, {retired or 'none'} retired."
    )
    agreement = before.get("agreement")
    if not known(agreement):
        return said
    return f"{said} On the same listeners the old and the new agree by {figure(agreement, 2)} of 1."
