"""A family's night, from its artifacts to the page."""

import datetime as dt
import json
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
        audiences=audience["audiences.json"] if audience else None,
        definitions=definitions["definitions.json"] if definitions else None,
        features=features,
        off_policy=off_policy["off_policy.json"] if off_policy else None,
        ingest=[json.loads((day / "report.json").read_text("utf-8")) for day in ingested],
        receipt=_in_words(receipt),
    )


def _in_words(receipt: dict[str, Any]) -> dict[str, Any]:
    if not receipt["published"]:
        return {"published": "nothing: the model was refused"}
    return {"registered as": receipt["model"], "version": receipt["version"],
            "model digest": receipt["digest"]}
