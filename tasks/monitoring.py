"""What is live, watched: its features, its scores, its age. Nothing is learnt here.

A family is monitored on a day when a model was live before it. Its night's tasks make two records
(what the features were like, what the model said) and compare them with those of other days.
"""

import datetime as dt
from bisect import bisect_left
from functools import partial
from typing import Any

from ml.monitoring import champion as ages
from ml.monitoring import drifting, histograms, judging
from tasks.champion import Champion, champion_before
from tasks.deployment import deployment
from tasks.engine.workshop import workshop
from tasks.examples import BuildCandidates, BuildExamples
from tasks.family_task import FamilyTask
from tasks.impressions import DescribeImpressions, ScoreImpressions
from tasks.monitoring_records import records
from tasks.scoring import ScoreListeners
from tasks.training import ModelTask

LISTENER_DAYS = 14
"""Days of candidates that those of a family split by listener are compared with."""


def monitored(family: str, day: dt.date) -> bool:
    """Whether a model of the family was live on the day."""
    return champion_before(workshop().store, family, day) is not None


class MonitorTask(ModelTask):
    """A stage of monitoring one family."""

    isolated = False

    @property
    def by_listener(self) -> bool:
        """Whether the family speaks of listeners, whose labels come with the day."""
        return self.spec.split == "listener"

    @property
    def shards(self) -> range:
        """The shards of everything about listeners."""
        return range(deployment().shards)

    def judged_day(self) -> dt.date:
        """The day whose labels have just matured."""
        return self.day - dt.timedelta(0 if self.by_listener else self.windows.maturity)

    def summary(self, value: Any) -> str:
        alarms = value.get("alarms", [])
        return alarms[0]["sentence"] if alarms else "no alarm"


class CountFeatures(MonitorTask):
    """The features of a day's rows as counts: of impressions as they came, or of candidates."""

    def requires(self) -> dict[str, Any]:
        rows = BuildCandidates if self.by_listener else DescribeImpressions
        return {"rows": [self.of(rows, shard=shard) for shard in self.shards]}

    def recipe(self) -> partial[Any]:
        return partial(histograms.count_features, recipe=self.spec.model)

    def summary(self, value: Any) -> str:
        return f"{value['day.json']['rows']:,} rows counted"


class CountExamples(CountFeatures):
    """The features of a day that was learnt from, as counts."""

    def requires(self) -> dict[str, Any]:
        return {"rows": [self.of(BuildExamples, shard=shard) for shard in self.shards]}


class CountScores(MonitorTask):
    """The record of what the live model said on a day, and of what to expect of it."""

    def requires(self) -> dict[str, Any]:
        scores = ScoreListeners if self.by_listener else ScoreImpressions
        inputs: dict[str, Any] = {"scores": [self.of(scores, shard=one) for one in self.shards]}
        return inputs if self.by_listener else {**inputs, "champion": self.of(Champion)}

    def recipe(self) -> partial[Any]:
        return partial(judging.count_scores, day=self.day)

    def summary(self, value: Any) -> str:
        return f"{value['rows']:,} scores counted"


class MeasureDrift(MonitorTask):
    """How far the night's features and scores are from what is usual."""

    def requires(self) -> dict[str, Any]:
        inputs: dict[str, Any] = {"scores": self.of(CountScores)}
        if self.spec.shares is None:
            kind = CountFeatures if self.by_listener else CountExamples
            inputs["tonight"] = self.of(CountFeatures)
            inputs["reference"] = [self.of(kind, day=day) for day in self._reference()]
        return inputs | records(CountScores, self.family, self.day, "recorded")

    def recipe(self) -> partial[Any]:
        days = () if self.spec.shares else tuple(str(day) for day in self._reference())
        return partial(drifting.drift_of_night, family_name=self.family, night=self.day, days=days)

    def _reference(self) -> list[dt.date]:
        """The days the night learns from, stops on and is judged on; or those before it."""
        if self.by_listener:
            before = self.days_back(LISTENER_DAYS, self.day - dt.timedelta(1))
            # Once something is live, something stays live: all days from the first on.
            first = bisect_left(before, True, key=lambda day: monitored(self.family, day))
            return before[first:]
        windows = self.windows
        every = [*windows.train_days(self.day), *windows.stop_days(self.day),
                 *windows.test_days(self.day)]  # fmt: skip
        return [day for day in self.known(every) if day < self.day]


class CheckChampion(FamilyTask):
    """How old the live model is."""

    def requires(self) -> dict[str, Any]:
        return {"live": self.of(Champion)}

    def recipe(self) -> partial[Any]:
        return partial(ages.check_champion, family_name=self.family, night=self.day,
                       shelf_life=self.spec.shelf_life)

    def summary(self, value: Any) -> str:
        return f"{value['age_days']} days old, of {value['live_day']}"
