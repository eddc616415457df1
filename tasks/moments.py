"""When to show an advert: a table for the ad server."""

from functools import partial
from typing import Any

from ml import moments
from ml.families import FAMILIES
from tasks.evaluation import LiveModel
from tasks.examples import OpportunityTask
from tasks.scoring import ValueListeners


class BuildMoments(OpportunityTask):
    """The value of an opportunity by listener, hour and context, and the best hours of each."""

    isolated = True

    def requires(self) -> dict[str, Any]:
        values = self.of(ValueListeners, shard=self.shard)
        history = self.days_back(self.windows.history, self.day)
        known = self.context(self.spec.moments, history)
        lives = [self.of(LiveModel, family=name) for name, _ in values.worth()]
        return {"values": values, "lives": lives, **known}

    def recipe(self) -> partial[Any]:
        if self.spec.moments is None:
            raise ValueError(f"{self.family} has no moments: when to address somebody is not asked")
        worth = self.of(ValueListeners, shard=self.shard).worth()
        scopes = tuple(FAMILIES[name].scope for name, _ in worth)
        return partial(moments.best_moments, day=self.day, moments=self.spec.moments,
                       worth=worth, scopes=scopes, cap=self.spec.moments_per_day)  # fmt: skip

    def summary(self, value: Any) -> str:
        best = value[value["rank"] > 0]
        return f"{value['listener'].nunique():,} listeners, {best['listener'].size:,} best moments"
