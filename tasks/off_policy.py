"""What another choice of adverts would have earned on the test days."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from ml import policies, told
from ml.families import FAMILIES
from tasks.champion import Champion, champion_before
from tasks.deployment import deployment
from tasks.engine.workshop import workshop
from tasks.examples import OpportunityTask
from tasks.family_task import tables_for
from tasks.feasible import reason_against
from tasks.ingest import ShardDay
from tasks.training import CalibrateModel, ModelTask, TrainModel


class BuildAlternatives(OpportunityTask):
    """A shard's logged opportunities of one day, times the adverts that might have filled them."""

    def requires(self) -> dict[str, Any]:
        build = self._build()
        inputs = self.context(build, self.days_back(self.windows.history, self._day_before()))
        inputs |= tables_for(build, ("listens", "impressions"), self.day, self.shard)
        days = [self.day + dt.timedelta(late) for late in range(self.windows.maturity + 1)]
        inputs["outcomes"] = [
            ShardDay(table="outcomes", day=day, shard=self.shard) for day in days
        ]
        return inputs

    def recipe(self) -> partial[Any]:
        return partial(self._build(), day=self.day)

    def _build(self) -> Callable[..., Any]:
        if self.spec.alternatives is None:
            raise ValueError(f"{self.family} does not choose among adverts")
        return self.spec.alternatives

    def _day_before(self) -> dt.date:
        return self.day - dt.timedelta(1)

    def summary(self, value: Any) -> str:
        return told.rows_of(value)


class EstimateOffPolicy(ModelTask):
    """What tonight's model would have earned, had it chosen the adverts of the test days."""

    def requires(self) -> dict[str, Any]:
        days, shards = self.known(self.windows.test_days(self.day)), range(deployment().shards)
        before = [name for name in self._names()
                  if champion_before(workshop().store, name, self.day)]  # fmt: skip
        inputs: dict[str, Any] = {
            "alternatives": [
                self.of(BuildAlternatives, day=day, shard=shard) for day in days for shard in shards
            ],
            "models": {name: self.of(TrainModel, family=name) for name in self._names()},
            "calibrations": {name: self.of(CalibrateModel, family=name) for name in self._names()},
        }
        if before:
            inputs["champions"] = {name: self.of(Champion, family=name) for name in before}
        if deployment().has("campaigns"):
            inputs["campaigns"] = [ShardDay(table="campaigns", day=day, shard=0) for day in days]
        return inputs

    def recipe(self) -> partial[Any]:
        worth = dict(self.spec.worth)
        families = [FAMILIES[name] for name in self._names()]
        outcomes = tuple(
            policies.Outcome(one.name, worth[one.name], one.required_outcomes, one.model, one.scope)
            for one in families
        )
        return partial(policies.estimate, outcomes=outcomes, family_name=self.family,
                       night=self.day, test_days=self.windows.test_days(self.day))  # fmt: skip

    def _names(self) -> list[str]:
        """The families whose outcomes can be foretold here and tonight."""
        return [name for name, _ in self.spec.worth if not reason_against(FAMILIES[name], self.day)]

    def summary(self, value: Any) -> str:
        found = value["off_policy.json"]
        return f"{found['rows']:,} opportunities, {len(found['policies'])} policies"
