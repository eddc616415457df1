"""Last night's membership, and how much of it tonight's model would move."""

from functools import partial
from typing import Any

from ml.segments import movement
from tasks.deployment import deployment
from tasks.earlier import earlier_membership
from tasks.examples import BuildCandidates
from tasks.segments import DiscoverSegments, definition_day
from tasks.training import CalibrateModel, ModelTask, TrainModel


class MeasureChurn(ModelTask):
    """How many listeners would change segment if tonight's model went live."""

    def requires(self) -> dict[str, Any]:
        shards = range(deployment().shards)
        return {
            "model": self.of(TrainModel), "calibration": self.of(CalibrateModel),
            "candidates": [self.of(BuildCandidates, shard=shard) for shard in shards],
            "definitions": self.of(DiscoverSegments, day=definition_day(self.spec, self.day)),
        } | earlier_membership(self)

    def recipe(self) -> partial[Any]:
        return partial(movement.challenge, recipe=self.spec.model, margin=self.spec.hysteresis)

    def summary(self, value: Any) -> str:
        found = value["churn.json"]["churn"]
        return f"{100 * found['share']:.1f} % would change" if found else "nothing to compare with"
