"""How many listeners requests would reach, and how they overlap, before anybody is addressed.

Nobody's name is written, only counts, and none of those that could single somebody out
(ml.small_counts). A request with mistakes stands among the others with what is wrong with it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pandas as pd

from ml.audience_facts import Facts, gather, problems_tonight
from ml.audience_files import in_words, written
from ml.audience_funnel import Reached, Step, reach, steps_told
from ml.audience_request import AudienceRequest
from ml.features.membership import among
from ml.lookalike_size import places, seeds_needed
from ml.metrics import number
from ml.requested_audience import verdict
from ml.segments.assignment import UNKNOWN
from ml.small_counts import told, told_overlap, told_parts


@dataclass(frozen=True)
class Group:
    """A request or a segment, by the name that overlaps give it; ``size`` is None if not told."""

    name: str
    listeners: pd.Series
    size: int | None


def preview(
    *,
    requests: list[dict],
    names: dict,
    guard: dict,
    membership: list[pd.DataFrame],
    listeners: list[pd.DataFrame] | None = None,
    consent: list[pd.DataFrame] | None = None,
    exposures: list[Path] | None = None,
    night: dt.date,
    minimum: int,
    consent_required: bool,
) -> dict:
    """``reach.json``: every request step by step, every segment, and what pairs have in common.

    A lookalike's listeners are known only when it is built, so its reach is told (at most so
    many), and not its overlap.
    """
    facts = gather(
        requests, night=night, minimum=minimum, names=names, guard=guard, membership=membership,
        listeners=listeners, consent=consent, consent_required=consent_required,
        exposures=exposures,
    )  # fmt: skip
    found = [_request(one, facts) for one in requests]
    segments = _segments(facts)
    asked = [group for _, group in found if group is not None]
    return {
        "reach.json": {
            "day": night.isoformat(),
            "k": minimum,
            "requests": [entry for entry, _ in found],
            "segments": [
                {"id": one.name, "name": facts.segments[one.name], "listeners": one.size}
                for one in segments
            ],
            "overlap": [
                *(_pair(one, other, minimum) for one, other in combinations(asked, 2)),
                *(pair for one in asked for pair in _over_segments(one, segments, minimum)),
            ],
            "notes": _notes(facts, bool(requests)),
        }
    }


def _request(read: dict, facts: Facts) -> tuple[dict, Group | None]:
    """What is told of a request, and its listeners when it can be built and compared."""
    asked, problems = written(read)
    problems = [*problems, *problems_tonight(asked, facts)]
    if problems:
        said = f"cannot be used ({len(problems)} problem{'s' if len(problems) > 1 else ''})"
        return _entry(asked, [], None, said, facts, problems=in_words(problems)), None
    reached = reach(asked, read["exclude_listeners.parquet"], facts)
    if asked.seeds:
        return _lookalike(asked, reached, read["seeds.parquet"], facts), None
    refusal = verdict(reached, len(reached.rows), facts)
    size = None if refusal else len(reached.rows)
    entry = _entry(asked, reached.steps, size, refusal, facts, notes=reached.notes)
    return entry, None if refusal else Group(asked.name, reached.rows["listener"], size)


def _lookalike(
    request: AudienceRequest, reached: Reached, seeds: pd.DataFrame, facts: Facts
) -> dict:
    """As many as the request wants, of those who may be reached and are no seeds themselves."""
    everybody = _with_evidence(reach(AudienceRequest(request.name), seeds, facts).rows)
    used = int(among(everybody["listener"], seeds["listener"]).sum())
    pool = _with_evidence(reached.rows)
    pool = pool[~among(pool["listener"], seeds["listener"])]
    size = min(places(request.reach or 0, len(everybody)), len(pool))
    steps = [
        *reached.steps,
        Step("with enough plays, and no seed", "scores need listening", len(pool)),
        Step("best scored", "at most, before scoring", size),
    ]
    few = seeds_needed(used, facts.minimum)
    refusal = reached.refusal or few or verdict(reached, size, facts)
    reached_at_most = None if refusal else size
    return _entry(request, steps, reached_at_most, refusal, facts, notes=reached.notes)


def _with_evidence(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["segment"] != UNKNOWN]


def _entry(
    request: AudienceRequest, steps: list[Step], size: int | None, refusal: str, facts: Facts,
    notes: Sequence[str] = (), problems: Sequence[str] = (),
) -> dict:  # fmt: skip
    return {
        "name": request.name,
        "title": request.title,
        "kind": request.kind,
        "steps": steps_told(steps, facts.minimum),
        "listeners": None if size is None else told(size, facts.minimum),
        "published": not refusal,
        "reason": refusal or f"{'at most ' if request.seeds else ''}{size:,} listeners",
        "notes": list(notes),
        "problems": list(problems),
    }


def _segments(facts: Facts) -> list[Group]:
    members = facts.membership
    each = [members.loc[members["segment"] == one, "listener"] for one in facts.segments]
    sizes = told_parts([len(one) for one in each], facts.minimum)
    return [Group(*one) for one in zip(facts.segments, each, sizes, strict=True)]


def _pair(one: Group, other: Group, k: int) -> dict:
    both = int(among(one.listeners, other.listeners).sum())
    shown = told_overlap(both, len(one.listeners), len(other.listeners), k)
    return _overlap(one, other, shown)


def _over_segments(one: Group, segments: list[Group], k: int) -> list[dict]:
    """A request across all segments: its parts, of which no few may follow from the others."""
    parts = [int(among(one.listeners, segment.listeners).sum()) for segment in segments]
    rests = [len(segment.listeners) - part for segment, part in zip(segments, parts, strict=True)]
    close = [at for at, rest in enumerate(rests) if parts[at] and told(rest, k) is None]
    shown = told_parts(parts, k, untold=close)
    return [_overlap(one, *pair) for pair in zip(segments, shown, strict=True)]


def _overlap(one: Group, other: Group, both: int | None) -> dict:
    def share(size: int | None) -> float | None:
        """Of a size that is told: else it would follow from the share."""
        return None if both is None or not size else number(both / size)

    shares = {"share_of_a": share(one.size), "share_of_b": share(other.size)}
    return {"a": one.name, "b": other.name, "listeners": both, **shares}


def _notes(facts: Facts, asked: bool) -> list[str]:
    notes = [] if asked else ["There are no requests ([setlist] requests)."]
    if facts.consent is None:
        taken = "nobody may be reached" if facts.consent_required else "everybody's is taken"
        notes.append(f"This source has no table of consent: {taken}.")
    return [*notes, f"A count of fewer than {facts.minimum:,} listeners, or one from which such a "
                    "count would follow, is not told."]  # fmt: skip
