"""Audiences that somebody asks for: requests read, their reach told, members found, lookalikes."""

import datetime as dt
from functools import partial
from pathlib import Path
from typing import Any

import luigi

from ml import audience_files, lookalike_audience, reach, requested_audience
from ml.audience_request import AudienceRequest, parse
from ml.families import FAMILIES
from tasks.deployment import deployment
from tasks.engine import ArtifactTask, SourceTask
from tasks.examples import BuildCandidates
from tasks.family_task import FamilyTask
from tasks.feasible import lacks
from tasks.ingest import ShardDay, forgotten
from tasks.membership import AssignSegments
from tasks.segment_use import GuardSegments
from tasks.segments import NameSegments
from tasks.summaries import SummariseDay

ADVERTISING = "ad_targeting"
"""The family whose daily partials count who met which campaign."""


class RequestFiles(SourceTask):
    """One request, and those lists it names that are there."""

    request = luigi.Parameter()

    def path(self) -> list[str]:
        file = file_of(self.request)
        beside = [file.parent / name for name in asked(self.request).files().values()]
        return [str(file), *sorted({str(path) for path in beside if path.exists()})]

    def expectation(self) -> str:
        there = ", ".join(requested()) or "none"
        return (
            f"an audience request is a JSON file in [setlist] requests (there: {there}); "
            "docs/audiences.md says how to write one"
        )


class ReadRequest(ArtifactTask):
    """A request and what is wrong with it; its lists as pseudonyms, without the forgotten."""

    request = luigi.Parameter()

    def requires(self) -> dict[str, Any]:
        return {"files": RequestFiles(request=self.request), **forgotten()}

    def recipe(self) -> partial[Any]:
        return partial(audience_files.read, name=self.request, key=deployment().key)

    def summary(self, value: Any) -> str:
        request, problems = audience_files.written(value)
        return f"{len(problems)} problems" if problems else f"a request for {request.kind}"


class RequestTask(FamilyTask):
    """A task that follows requests, by the segments of a family, on the night of ``day``."""

    family = luigi.ChoiceParameter(
        choices=sorted(name for name, spec in FAMILIES.items() if spec.discover),
        default="user_segmentation",
    )
    # Again, so that labels keep the order of the other tasks' labels: family, then day.
    day = luigi.DateParameter()

    def facts(self, requests: list[str]) -> dict[str, Any]:
        """What the night knows of segments, accounts, consent, and of campaigns if asked."""
        here = deployment()
        shards = range(here.shards)
        inputs: dict[str, Any] = {
            "names": self.of(NameSegments), "guard": self.of(GuardSegments),
            "membership": [self.of(AssignSegments, shard=shard) for shard in shards],
        }
        for table in ("listeners", "consent"):
            if here.has(table):
                inputs[table] = [
                    ShardDay(table=table, day=self.day, shard=shard) for shard in shards
                ]
        if days := self.capped_days(requests):
            inputs["exposures"] = [
                SummariseDay(family=ADVERTISING, day=day, shard=shard)
                for day in days for shard in shards
            ]
        return inputs

    def capped_days(self, requests: list[str]) -> list[dt.date]:
        """The days whose impressions count for some request's frequency cap."""
        caps = [cap.days for name in requests if (cap := asked(name).at_most)]
        if not caps or lacks(FAMILIES[ADVERTISING], deployment()):
            return []
        return self.days_back(max(caps), self.day)

    def bound(self) -> dict[str, Any]:
        """What every recipe about requests binds."""
        here = deployment()
        return {"night": self.day, "minimum": here.minimum_audience,
                "consent_required": here.has("consent")}


class PreviewReach(RequestTask):
    """How many listeners every request would reach, step by step, and how they overlap."""

    def requires(self) -> dict[str, Any]:
        names = requested()
        return {"requests": [ReadRequest(request=name) for name in names], **self.facts(names)}

    def recipe(self) -> partial[Any]:
        return partial(reach.preview, **self.bound())

    def summary(self, value: Any) -> str:
        every = value["reach.json"]["requests"]
        return f"{sum(one['published'] for one in every)} of {len(every)} requests can be built"


class BuildLookalike(RequestTask):
    """Listeners like those on a list, by a model of being on it, with quality by decile."""

    request = luigi.Parameter()
    isolated = True

    def requires(self) -> dict[str, Any]:
        shards = range(deployment().shards)
        return {
            "request": ReadRequest(request=self.request),
            "candidates": [self.of(BuildCandidates, shard=shard) for shard in shards],
            **self.facts([self.request]),
        }

    def recipe(self) -> partial[Any]:
        return partial(lookalike_audience.build, recipe=self.spec.model, family_name=self.family,
                       **self.bound())

    def summary(self, value: Any) -> str:
        return value["audience.json"]["reason"]


class BuildRequestedAudience(RequestTask):
    """The members of one requested audience; none, and the reason, where it is refused."""

    request = luigi.Parameter()

    def requires(self) -> dict[str, Any]:
        if self.is_lookalike:
            return {"lookalike": self.of(BuildLookalike, request=self.request)}
        return {"request": ReadRequest(request=self.request), **self.facts([self.request])}

    @property
    def is_lookalike(self) -> bool:
        """Whether the request names seeds."""
        return asked(self.request).kind == "lookalike"

    def recipe(self) -> Any:
        if self.is_lookalike:
            return requested_audience.handed_over
        return partial(requested_audience.build, family_name=self.family, **self.bound())

    def summary(self, value: Any) -> str:
        return value["audience.json"]["reason"]

    def notes(self, value: Any) -> dict[str, str | float]:
        return {"verdict": "published" if value["audience.json"]["published"] else "refused"}


def requested() -> list[str]:
    """The names of all requests in the folder."""
    return sorted(path.stem for path in deployment().requests.glob("*.json"))


def lookalikes() -> list[str]:
    """The requests for lookalikes that can be followed, as far as reading them tells."""
    return [name for name in requested() if _is_sound_lookalike(name)]


def _is_sound_lookalike(name: str) -> bool:
    file = file_of(name)
    request, problems = parse(name, file.read_bytes().decode("utf-8", errors="replace"))
    lists = [file.parent / one for one in request.files().values()]
    return request.kind == "lookalike" and not problems and all(one.exists() for one in lists)


def file_of(request: str) -> Path:
    """Where a request is written."""
    return deployment().requests / f"{request}.json"


def asked(request: str) -> AudienceRequest:
    """A request as far as it is right: enough to know what it needs; `ReadRequest` checks it."""
    file = file_of(request)
    text = file.read_bytes().decode("utf-8", errors="replace") if file.exists() else "{}"
    return parse(request, text)[0]
