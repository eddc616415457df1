"""Publishing: a blessed model becomes the registry's champion, once, and leaves a receipt."""

from functools import partial
from typing import Any

from tasks.deployment import deployment
from tasks.engine import EffectTask, registry
from tasks.evaluation import DecideModel, EvaluateModel
from tasks.priorities import PUBLISH
from tasks.training import ModelTask


class PublishModel(EffectTask, ModelTask):
    """The registry's champion is the model that tonight's decision says should be live."""

    priority = PUBLISH
    resources = {"publications": 1}
    # A registry's database can hold whoever waits for a lock of it for ever.
    worker_timeout = 3600
    preload = ("tasks.engine.registry.imports",)

    def requires(self) -> dict[str, Any]:
        judged = self.test_examples()
        return {"decided": self.of(DecideModel), "evaluated": self.of(EvaluateModel),
                "rows": judged[0]}

    def recipe(self) -> partial[Any]:
        return partial(registry.publish, family=self.family, night=self.day,
                       tracking=deployment().registry, loader="ml.serving")

    def summary(self, value: Any) -> str:
        if value["published"]:
            return f"published as {value['model']} version {value['version']}, now champion"
        return f"nothing published: {value['verdict']}; the champion stays"

    def notes(self, value: Any) -> dict[str, str | float]:
        if not value["published"]:
            return {}
        return {"model": value["model"], "model version": value["version"],
                "registry": deployment().registry.page(value["model"], value["version"])}

    def page(self, link: str, notes: dict[str, str | float]) -> str:
        return str(notes.get("registry") or link)
