"""A family's night, from its artifacts to the page."""

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ml.report.page import render


def write(
    evaluated: dict[str, Any],
    decided: dict[str, Any],
    receipt: dict[str, Any],
    ingested: list[Path],
    audience: dict[str, Any] | None = None,
    definitions: dict[str, Any] | None = None,
    features: dict[str, Any] | None = None,
    off_policy: dict[str, Any] | None = None,
    membership: dict[str, Any] | None = None,
    guard: dict[str, Any] | None = None,
    usefulness: dict[str, Any] | None = None,
    names: dict[str, Any] | None = None,
    lookalikes: Sequence[dict[str, Any]] = (),
    reach: dict[str, Any] | None = None,
    *,
    title: str,
    question: str,
    night: dt.date,
    valued: bool,
) -> str:
    """The page's HTML. ``ingested`` are the folders of the days that went in."""
    return render(
        family_title=title,
        question=question,
        night=night,
        valued=valued,
        evaluation=evaluated["evaluation.json"],
        decision=decided["decision.json"],
        audiences=_file(audience, "audiences.json"),
        definitions=_file(definitions, "definitions.json"),
        features=features,
        off_policy=_file(off_policy, "off_policy.json"),
        membership=_file(membership, "membership.json"),
        guard=_file(guard, "guard.json"),
        usefulness=_file(usefulness, "usefulness.json"),
        names=_file(names, "names.json"),
        lookalikes=[one["lookalike.json"] for one in lookalikes],
        reach=_file(reach, "reach.json"),
        ingest=[json.loads((day / "report.json").read_text("utf-8")) for day in ingested],
        receipt=_in_words(receipt),
    )


def _file(artifact: dict[str, Any] | None, name: str) -> Any:
    return artifact[name] if artifact else None


def _in_words(receipt: dict[str, Any]) -> dict[str, Any]:
    if not receipt["published"]:
        return {"published": "nothing: the model was refused"}
    return {"registered as": receipt["model"], "version": receipt["version"],
            "model digest": receipt["digest"]}
