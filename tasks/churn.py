"""Last night's membership, and how much of it tonight's model would move."""

from functools import partial
from typing import Any

import luigi

from ml.segments import movement
from tasks.deployment import deployment
from tasks.earlier import newest_before
from tasks.engine import SourceTask
from tasks.engine.settings import read_settings
from tasks.examples import BuildCandidates
from tasks.family_task import FamilyTask
from tasks.segments import DiscoverSegments, definition_day
from tasks.training import CalibrateModel, ModelTask, TrainModel


class EarlierMembership(SourceTask):
    """The membership of the night before, one file a shard."""

    family = luigi.Parameter()
    day = luigi.DateParameter()

    def path(self) -> list[str]:
        folders = newest_before("AssignSegments", str(self.family), self.day)
        lacking = [read_settings().root / "no membership before" / str(self.day)]
        return [str(one) for one in [folder / "payload.parquet" for folder in folders] or lacking]


class EarlierSummary(SourceTask):
    """What was said of the membership of the night before."""

    family = luigi.Parameter()
    day = luigi.DateParameter()

    def path(self) -> str:
        folders = newest_before("SummariseMembership", str(self.family), self.day)
        lacking = read_settings().root / "no membership before" / str(self.day)
        return str(folders[0] / "membership.json" if folders else lacking)


def earlier(task: FamilyTask) -> dict[str, Any]:
    """Last night's membership as inputs of a stage, as far as there was one."""
    sources = {"previous": EarlierMembership, "before": EarlierSummary}
    found = {name: kind(family=task.family, day=task.day) for name, kind in sources.items()}
    return {name: one for name, one in found.items() if one.complete()}


class MeasureChurn(ModelTask):
    """How many listeners would change segment if tonight's model went live."""

    def requires(self) -> dict[str, Any]:
        shards = range(deployment().shards)
        return {
            "model": self.of(TrainModel), "calibration": self.of(CalibrateModel),
            "candidates": [self.of(BuildCandidates, shard=shard) for shard in shards],
            "definitions": self.of(DiscoverSegments, day=definition_day(self.spec, self.day)),
        } | earlier(self)

    def recipe(self) -> partial[Any]:
        return partial(movement.challenge, recipe=self.spec.model, margin=self.spec.hysteresis)

    def summary(self, value: Any) -> str:
        found = value["churn.json"]["churn"]
        return f"{100 * found['share']:.1f} % would change" if found else "nothing to compare with"
