"""From examples to a calibrated model."""

import datetime as dt
from functools import partial
from typing import Any

from ml import calibration, told, training
from tasks.deployment import deployment, training_ranks
from tasks.engine.configured import Misconfigured
from tasks.examples import BuildExamples
from tasks.family_task import FamilyTask
from tasks.priorities import LEARN
from tasks.segments import DiscoverSegments, definition_day


class ModelTask(FamilyTask):
    """A stage that looks at examples of several days."""

    isolated = True

    def examples(self, days: list[dt.date]) -> list[BuildExamples]:
        """The examples of those days, every shard. Raises `Misconfigured` when there are none."""
        known = self.known(days)
        if not known:
            raise Misconfigured(
                f"{self.family} on {self.day} needs examples of {days[0]} to {days[-1]}, but the "
                f"source begins on {deployment().first_day}; choose a later day."
            )
        shards = range(deployment().shards)
        return [self.of(BuildExamples, day=day, shard=shard) for day in known for shard in shards]

    def train_examples(self) -> list[BuildExamples]:
        """What the model learns from; split by listener, the night's own listeners."""
        if self.spec.split == "listener":
            return self.examples([self.day])
        return self.examples(self.windows.train_days(self.day))

    def stop_examples(self) -> list[BuildExamples]:
        """What stops and calibrates the training."""
        if self.spec.split == "listener":
            return self.examples([self.day])
        return self.examples(self.windows.stop_days(self.day))

    def test_examples(self) -> list[BuildExamples]:
        """What the model is judged on, and has never seen."""
        if self.spec.split == "listener":
            return self.examples([self.day])
        return self.examples(self.windows.test_days(self.day))


class TrainModel(ModelTask):
    """Fit the family's model on its examples."""

    priority = LEARN

    @property
    def ranks(self) -> int:  # type: ignore[override]
        """How many processes learn together; more than one make another model than one does."""
        return training_ranks()

    def requires(self) -> dict[str, Any]:
        inputs: dict[str, Any] = {"train": self.train_examples(), "stop": self.stop_examples()}
        if self.spec.discover is not None:
            as_of = definition_day(self.spec, self.day)
            inputs["definitions"] = self.of(DiscoverSegments, day=as_of)
        return inputs

    def recipe(self) -> partial[Any]:
        together: dict[str, Any] = {"ranks": self.ranks} if self.ranks > 1 else {}
        return partial(training.fit, recipe=self.spec.model, **together)

    def summary(self, value: Any) -> str:
        card = value["card.json"]
        if "model.txt" not in value:
            return f"no model: {card['untrained']}"
        features, trees = len(card["features"]), card["best_iteration"]
        return f"{card['rows']:,} rows, {features} features, {trees} trees"


class CalibrateModel(ModelTask):
    """Make the model's scores probabilities, on days it did not learn from."""

    def requires(self) -> dict[str, Any]:
        return {"model": self.of(TrainModel), "stop": self.stop_examples()}

    def recipe(self) -> partial[Any]:
        return partial(calibration.fit_calibration, recipe=self.spec.model)

    def summary(self, value: Any) -> str:
        return told.calibration(value)
