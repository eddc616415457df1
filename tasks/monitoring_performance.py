"""How good what is live was on days whose labels are mature, and is likely to be on the others."""

from functools import partial
from typing import Any

from ml.families import FAMILIES
from ml.monitoring import judging, matured, performing
from tasks.champion import Champion
from tasks.deployment import deployment
from tasks.evaluation import EvaluateModel
from tasks.examples import BuildExamples
from tasks.feasible import reason_against
from tasks.impressions import ScoreImpressions
from tasks.monitoring import CountScores, MonitorTask, monitored
from tasks.monitoring_records import RecordedScores, records


class JudgeDay(MonitorTask):
    """The record of how good the model was that was live on a day, on the day's mature labels."""

    def requires(self) -> dict[str, Any]:
        if self.by_listener:
            return {"evaluated": self.of(EvaluateModel)}
        recorded = RecordedScores(family=self.family, day=self.day, shards=len(self.shards))
        made = [self.of(ScoreImpressions, shard=shard) for shard in self.shards]
        return {
            "scores": recorded if recorded.complete() else made,
            "examples": [self.of(BuildExamples, shard=shard) for shard in self.shards],
            "champion": self.of(Champion),
        }

    def recipe(self) -> partial[Any]:
        judge = judging.judge_evaluated if self.by_listener else judging.judge_day
        return partial(judge, day=self.day)

    def summary(self, value: Any) -> str:
        return f"{value['rows']:,} rows of the model of {value['live_day']}"


class MeasureCalibration(MonitorTask):
    """Whether what is live is still calibrated, night by night, as labels mature."""

    def requires(self) -> dict[str, Any]:
        day = self.judged_day()
        return newly_judged(self) | records(JudgeDay, self.family, day, "recorded")

    def recipe(self) -> partial[Any]:
        return partial(matured.follow, family_name=self.family, night=self.day,
                       gates=self.spec.gates)


class EstimatePerformance(MonitorTask):
    """How good the live model is where labels are late, and how good it turned out to be."""

    def requires(self) -> dict[str, Any]:
        return (
            {"scores": self.of(CountScores)} | newly_judged(self)
            | records(CountScores, self.family, self.day, "recorded")
            | records(JudgeDay, self.family, self.judged_day(), "matured")
        )  # fmt: skip

    def recipe(self) -> partial[Any]:
        return partial(performing.performance, family_name=self.family, night=self.day)


def newly_judged(task: MonitorTask) -> dict[str, Any]:
    """The day whose labels have just matured, where a model was live on it."""
    day = task.judged_day()
    possible = not reason_against(FAMILIES[task.family], day)
    labelled = task.by_listener or deployment().labelled(day)
    if not (possible and labelled and monitored(task.family, day)):
        return {}
    return {"judged": task.of(JudgeDay, day=day)}
