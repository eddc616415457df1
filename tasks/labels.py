"""Whether answers arrived, before anything learnt from them is believed."""

import datetime as dt
from functools import partial
from typing import Any

from ml.label_health import label_health
from tasks.champion import champion_of
from tasks.deployment import deployment
from tasks.ingest import ShardDay
from tasks.training import ModelTask


class CheckLabels(ModelTask):
    """The answers of every day a night looks at, beside what its earlier days promise."""

    isolated = False  # it counts; no compiled library with threads of its own is used

    def requires(self) -> dict[str, Any]:
        inputs: dict[str, Any] = {
            "train": self.train_examples(), "stop": self.stop_examples(),
            "test": self.test_examples(),
        }
        for table in ("impressions", "outcomes"):
            inputs[table] = [
                ShardDay(table=table, day=day, shard=shard)
                for day in self._awaited() for shard in deployment().shards_of(table)
            ]
        return inputs | champion_of(self)

    def recipe(self) -> partial[Any]:
        return partial(label_health, family_name=self.family, night=self.day,
                       kinds=self.spec.required_outcomes)

    def summary(self, value: Any) -> str:
        found = value["labels.json"]
        return f"{found['tested']:,} counts tested, {len(found['findings'])} broken"

    def _awaited(self) -> list[dt.date]:
        """The days after the last test day, on which late answers were awaited."""
        return [self.day - dt.timedelta(back) for back in reversed(range(self.windows.maturity))]
