"""What a night knows that a request is followed with: segments, accounts, consent, exposures."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ml.audience_files import written
from ml.audience_request import AudienceRequest, Problem, found
from ml.segments.assignment import UNKNOWN

EXPOSURES = "listener_ad.parquet"


@dataclass(frozen=True)
class Facts:
    """One night. ``membership`` is of all shards, by listener; tables the source lacks are None.

    ``withheld`` are the segments that may not be used, each with the sentence that says why.
    """

    night: dt.date
    minimum: int
    segments: dict[str, str]
    withheld: dict[str, str]
    membership: pd.DataFrame
    listeners: pd.DataFrame | None
    consent: list[pd.DataFrame] | None
    consent_required: bool
    exposures: pd.DataFrame | None

    @property
    def known(self) -> pd.Series:
        """Everybody who listens or has an account, once each."""
        tables = [self.membership, *([] if self.listeners is None else [self.listeners])]
        return pd.concat([table["listener"] for table in tables]).drop_duplicates()


def gather(
    requests: list[dict],
    *,
    night: dt.date,
    minimum: int,
    names: dict,
    guard: dict,
    membership: list[pd.DataFrame],
    listeners: list[pd.DataFrame] | None = None,
    consent: list[pd.DataFrame] | None = None,
    consent_required: bool = False,
    exposures: list[Path] | None = None,
) -> Facts:
    """The facts of a night from its artifacts, a frame (or the folder of partials) per shard.

    Of the ``exposures`` only those to campaigns that some of the ``requests`` cap are read.
    """
    segments = {one["id"]: one["name"] for one in names["names.json"]["segments"]}
    members = pd.concat(membership, ignore_index=True)
    return Facts(
        night=night,
        minimum=minimum,
        segments={**segments, UNKNOWN: UNKNOWN},
        withheld=_withheld(segments, guard["guard.json"]),
        membership=members.sort_values("listener", kind="stable", ignore_index=True),
        listeners=None if listeners is None else pd.concat(listeners, ignore_index=True),
        consent=consent,
        consent_required=consent_required,
        exposures=None if exposures is None else _read(exposures, requests),
    )


def problems_tonight(request: AudienceRequest, facts: Facts) -> list[Problem]:
    """What of a request cannot be followed tonight: segments, and tables the source lacks."""
    problems = [
        problem
        for field, asked in (("include", request.include), ("exclude", request.exclude))
        for problem in _unknown_segments(field, asked, facts)
    ]
    if facts.listeners is None:
        needed = "a source with a table of listeners"
        problems += [(field, needed, "a source without it") for field in request.filter_fields()]
    if request.at_most is not None and facts.exposures is None:
        problems.append(("at_most", "a source with impressions", "a source without them"))
    return problems


def ids_of(asked: tuple[str, ...], facts: Facts) -> list[str]:
    """The ids of segments named by id or by name, each once, in the order of the segments."""
    wanted = {one for word in asked for one in _matching(word, facts)}
    return [one for one in facts.segments if one in wanted]


def _matching(word: str, facts: Facts) -> list[str]:
    """Segments with this id; else with this name, whatever its capitals."""
    if word in facts.segments:
        return [word]
    sought = " ".join(word.casefold().split())
    return [one for one, name in facts.segments.items() if name.casefold() == sought]


def _unknown_segments(field: str, asked: tuple[str, ...], facts: Facts) -> list[Problem]:
    known = "; ".join(f"{one} ({name})" for one, name in facts.segments.items() if one != name)
    problems = []
    for word in asked:
        matching = _matching(word, facts)
        if not matching:
            problems.append((field, f"a segment: {known or 'there is none yet'}", found(word)))
        if len(matching) > 1:
            said = f"one segment; {' and '.join(matching)} have this name, so use the id"
            problems.append((field, said, found(word)))
    return problems


def _withheld(segments: dict[str, str], guard: dict) -> dict[str, str]:
    """Segments the guard does not publish, or says nothing of: those have not been examined.

    "unknown yet" is no way to listen, so it is withheld only when the guard says so.
    """
    judged = {one["id"]: one for one in guard["segments"]}
    unexamined = {"published": False, "sentence": "The guard has not examined this segment."}
    verdicts = {one: judged.get(one, unexamined) for one in segments}
    verdicts[UNKNOWN] = judged.get(UNKNOWN, {"published": True})
    return {one: told["sentence"] for one, told in verdicts.items() if not told["published"]}


def _read(folders: list[Path], requests: list[dict]) -> pd.DataFrame:
    """Impressions by day, listener and campaign."""
    caps = [written(one)[0].at_most for one in requests]
    wanted = sorted({cap.campaign for cap in caps if cap is not None})
    columns = ["day", "listener", "campaign", "impressions"]
    kept = [("campaign", "in", wanted)]
    each = [
        pd.read_parquet(folder / EXPOSURES, columns=columns, filters=kept) for folder in folders
    ]
    return pd.concat(each, ignore_index=True)
