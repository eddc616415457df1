"""The audience of one request: its members, unless they are too few to be published."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from ml.audience_facts import Facts, gather, problems_tonight
from ml.audience_files import require_usable, written
from ml.audience_funnel import Reached, reach, steps_told
from ml.audience_request import AudienceRequest
from ml.small_counts import told

MEMBERS = {"listener": "str", "rank": "int64", "score": "float64"}


def build(
    *,
    request: dict,
    names: dict,
    guard: dict,
    membership: list[pd.DataFrame],
    listeners: list[pd.DataFrame] | None = None,
    consent: list[pd.DataFrame] | None = None,
    exposures: list[Path] | None = None,
    family_name: str,
    night: dt.date,
    minimum: int,
    consent_required: bool,
) -> dict:
    """``members.parquet`` (listener, rank, score) and ``audience.json`` of a request for segments.

    The score is the probability of the listener's segment, best first; unknown is last. Raises
    RequestUnusable with every mistake in the request. An audience of fewer than ``minimum``
    listeners, or of a segment that is withheld, has no members and a reason.
    """
    facts = gather(
        [request], night=night, minimum=minimum, names=names, guard=guard, membership=membership,
        listeners=listeners, consent=consent, consent_required=consent_required,
        exposures=exposures,
    )  # fmt: skip
    asked, reached = follow(request, facts)
    scored = reached.rows[["listener", "probability"]].rename(columns={"probability": "score"})
    return published(asked, reached, ranked(scored), facts, family_name)


def follow(request: dict, facts: Facts) -> tuple[AudienceRequest, Reached]:
    """The request that was read, and whom it reaches. Raises RequestUnusable."""
    asked, problems = written(request)
    require_usable(asked, [*problems, *problems_tonight(asked, facts)])
    return asked, reach(asked, request["exclude_listeners.parquet"], facts)


def published(
    request: AudienceRequest,
    reached: Reached,
    members: pd.DataFrame,
    facts: Facts,
    family_name: str,
    refusal: str = "",
) -> dict:
    """Members and what is told of them; too few, or a ``refusal``, and there are no members."""
    reason = refusal or verdict(reached, len(members), facts)
    open_to_use = not reason
    return {
        "members.parquet": members if open_to_use else members[:0],
        "audience.json": {
            "request": request.name,
            "title": request.title,
            "kind": request.kind,
            "family": family_name,
            "day": facts.night.isoformat(),
            "k": facts.minimum,
            "steps": steps_told(reached.steps, facts.minimum),
            "listeners": told(len(members), facts.minimum) if open_to_use else None,
            "published": open_to_use,
            "reason": reason or f"{len(members):,} listeners",
            "notes": reached.notes,
        },
    }


def verdict(reached: Reached, members: int, facts: Facts) -> str:
    """Why an audience is not published; "" when it is."""
    if reached.refusal:
        return reached.refusal
    if facts.consent is None and facts.consent_required:
        return "not published: nobody's consent is known: this source has no consent table"
    few = members < facts.minimum
    return f"not published: fewer than {facts.minimum:,} listeners" if few else ""


def ranked(scored: pd.DataFrame) -> pd.DataFrame:
    """Listeners by score, best first, equal ones by pseudonym, with their rank from 1."""
    ordered = scored.sort_values(
        ["score", "listener"], ascending=[False, True], kind="stable", ignore_index=True
    )
    ordered["rank"] = np.arange(1, len(ordered) + 1)
    return ordered[list(MEMBERS)].astype(MEMBERS)


def handed_over(*, lookalike: dict) -> dict:
    """The audience that a lookalike found."""
    return {name: lookalike[name] for name in ("members.parquet", "audience.json")}
