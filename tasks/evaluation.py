"""Judging a model on days it has never seen, and deciding whether it may go live."""

from functools import partial
from typing import Any

from ml import baselines, evaluation, feature_groups, gates, told
from tasks.champion import champion_of
from tasks.churn import MeasureChurn
from tasks.family_task import FamilyTask
from tasks.labels import CheckLabels
from tasks.priorities import JUDGE
from tasks.training import CalibrateModel, ModelTask, TrainModel


class FitBaselines(ModelTask):
    """What the family's baselines, learnt on the same days, say of the test rows."""

    def requires(self) -> dict[str, Any]:
        return {
            "train": self.train_examples(), "stop": self.stop_examples(),
            "test": self.test_examples(),
        }

    def recipe(self) -> partial[Any]:
        return partial(baselines.stand_beside, baselines=self.spec.baselines)

    def summary(self, value: Any) -> str:
        return f"{len(self.spec.baselines)} baselines on {told.rows_of(value)}"


class EvaluateModel(ModelTask):
    """Every figure of the night: the model, its baselines and the champion on the same rows."""

    def requires(self) -> dict[str, Any]:
        inputs = {
            "model": self.of(TrainModel), "calibration": self.of(CalibrateModel),
            "test": self.test_examples(),
        }
        if self.spec.baselines:
            inputs["baselines"] = self.of(FitBaselines)
        return inputs | champion_of(self)

    def recipe(self) -> partial[Any]:
        spec = self.spec
        days = [self.day] if spec.split == "listener" else self.windows.test_days(self.day)
        return partial(
            evaluation.evaluate, family_name=spec.name, night=self.day, test_days=days,
            recipe=spec.model, slices=spec.slices, curves=spec.curves,
            minimum_rows=spec.slice_rows,
        )

    def summary(self, value: Any) -> str:
        return told.evaluation(value["evaluation.json"])

    def notes(self, value: Any) -> dict[str, str | float]:
        return told.figures(value["evaluation.json"])


class MeasureFeatures(ModelTask):
    """What each group of the family's features is worth, by training without it."""

    def requires(self) -> dict[str, Any]:
        return {
            "model": self.of(TrainModel), "train": self.train_examples(),
            "stop": self.stop_examples(), "test": self.test_examples(),
        }

    def recipe(self) -> partial[Any]:
        return partial(feature_groups.measure, recipe=self.spec.model,
                       groups=self.spec.feature_groups)

    def summary(self, value: Any) -> str:
        return told.feature_groups(value)


class DecideModel(FamilyTask):
    """Blessed or refused with reasons, and the model that is live after tonight."""

    priority = JUDGE

    def requires(self) -> dict[str, Any]:
        inputs = {
            "evaluation": self.of(EvaluateModel), "model": self.of(TrainModel),
            "calibration": self.of(CalibrateModel),
        }
        if any(gate.on == "labels" for gate in self.spec.gates):
            inputs["labels"] = self.of(CheckLabels)
        if any(gate.on == "churn" for gate in self.spec.gates):
            inputs["churn"] = self.of(MeasureChurn)
        return inputs | champion_of(self)

    def recipe(self) -> partial[Any]:
        return partial(gates.decide, gates=self.spec.gates, family_name=self.family,
                       night=self.day)

    def summary(self, value: Any) -> str:
        return told.decision(value["decision.json"])

    def notes(self, value: Any) -> dict[str, str | float]:
        found = value["decision.json"]
        return {"verdict": found["verdict"], "live day": found["live_day"] or "none"}


class LiveModel(FamilyTask):
    """The model that is live after tonight, whoever won."""

    def requires(self) -> dict[str, Any]:
        return {"decided": self.of(DecideModel)}

    def recipe(self) -> partial[Any]:
        return partial(gates.read_live)

    def summary(self, value: Any) -> str:
        return told.live(value)
