"""A search for better parameters: its trials are artifacts, so it goes on where it ended."""

from functools import partial
from typing import Any

import luigi

from ml import search, search_result
from tasks.engine.configured import Misconfigured
from tasks.training import ModelTask


class TryParameters(ModelTask):
    """One trial: other parameters, learnt and judged in time order before the test day."""

    number = luigi.IntParameter()

    def requires(self) -> dict[str, Any]:
        days = self.known(self.windows.train_days(self.day))
        if len(days) < 2 or not self.spec.search:
            raise Misconfigured(
                f"A search for {self.family} on {self.day} needs two training days, and the "
                f"family's `search` to say where to look; found {len(days)} days and "
                f"{len(self.spec.search)} knobs."
            )
        before = search.trials_before(self.number)
        return {
            "learn": self.examples(days[:-1]),
            "watch": self.examples(days[-1:]),
            "judge": self.stop_examples(),
            "earlier": [self.of(TryParameters, number=number) for number in before],
        }

    def recipe(self) -> partial[Any]:
        spec = self.spec
        return partial(search.attempt, recipe=spec.model, space=spec.search, trial=self.number)

    def summary(self, value: Any) -> str:
        found = value["trial.json"]
        return f"normalized entropy {found['normalized_entropy']:.4f}, {found['trees']} trees"


class SearchParameters(ModelTask):
    """The best of so many trials, as a suggestion to review; more trials go on from fewer."""

    trials = luigi.IntParameter(default=24)

    def requires(self) -> dict[str, Any]:
        return {"trials": [self.of(TryParameters, number=one) for one in range(self.trials)]}

    def recipe(self) -> partial[Any]:
        spec = self.spec
        return partial(
            search_result.suggest, recipe=spec.model, space=spec.search, family_name=spec.name
        )

    def summary(self, value: Any) -> str:
        return value["best.json"]["words"][0]
