"""Which segments may be published: the furthest sensitive lift of each, and the verdict."""

# Typographic quotes, dashes and signs are meant.
# ruff: noqa: RUF001

import re

from ml.report.charts import interval_strip
from ml.report.figures import interval
from ml.report.identities import Identity, identity
from ml.report.words import MISSING, figure, known, listed, plural, sentence_case, share

SPAN = re.compile(r"(?<=\d)-(?=\d)")


def guarded(told: dict | None, identities: dict[str, Identity]) -> dict | None:
    """A line per segment, withheld ones first."""
    if not told:
        return None
    # A retired segment that nobody is in any more gives nothing away.
    judged = [
        one
        for one in told.get("segments") or []
        if one.get("worst") or not identity(identities, one.get("id")).retired
    ]
    ordered = sorted(judged, key=lambda one: bool(one.get("published")))
    bound = told.get("bound")
    top = 2 * bound if known(bound) else 4.0
    return {
        "sentence": _in_words(judged, told),
        "rows": [_row(one, identities, bound, top) for one in ordered if told.get("attributes")],
        "scale": f"0 to {figure(top, 0)}",
        "notes": told.get("notes") or [],
    }


def _in_words(judged: list[dict], told: dict) -> str:
    named = [str(name).replace("_", " ") for name in told.get("attributes") or []]
    if not named:
        return "Nothing sensitive is known of anybody, so nothing was checked."
    withheld = sum(not one.get("published") for one in judged)
    asked = (
        f"Looked at: {listed(named)}. They are never features; here it is asked whether a segment "
        "gives them away all the same."
    )
    if not withheld:
        return f"{asked} None does: all {plural(len(judged), 'segment')} may be published."
    verb = "is" if withheld == 1 else "are"
    return f"{asked} {withheld} of {plural(len(judged), 'segment')} {verb} withheld."


def _row(one: dict, identities: dict, bound: float | None, top: float) -> dict:
    own, worst = identity(identities, one.get("id"), one), one.get("worst") or {}
    at = interval({**worst, "value": worst.get("lift")})
    return {
        "name": own.name,
        "color": own.color,
        "published": bool(one.get("published")),
        "sentence": typeset(str(one.get("sentence") or "")),
        "value": _dashes(str(worst.get("value") or MISSING)),
        "attribute": str(worst.get("attribute") or "").replace("_", " "),
        "share": share(worst.get("share"), 0) if worst else figure(None, 0),
        "overall": share(worst.get("overall"), 0),
        "lift": f"{figure(at[0], 1)}×" if at else figure(None, 0),
        "range": f"{figure(at[1], 1)}–{figure(at[2], 1)}" if at else "",
        "strip": _strip(at, bound, top),
    }


def _strip(at: tuple[float, float, float] | None, bound: float | None, top: float) -> str:
    if at is None:
        return ""
    value, low, high = (min(end, top) for end in at)
    return interval_strip(value, low, high, (0.0, top), bound, 110)


def typeset(sentence: str) -> str:
    """The guard's sentence without its verdict, which stands beside it, and typeset."""
    _, _, said = sentence.partition(": ")
    return sentence_case(_dashes((said or sentence).replace(" x,", "×,")))


def _dashes(words: str) -> str:
    """The words with their spans of numbers, such as ``18-24``, typeset."""
    return SPAN.sub("–", words)
