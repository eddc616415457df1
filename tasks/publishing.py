"""Publishing: a blessed model becomes the registry's champion, once, and leaves a receipt."""

from functools import partial
from typing import Any

from tasks.deployment import deployment
from tasks.engine import EffectTask, registry
from tasks.evaluation import DecideModel, EvaluateModel
from tasks.family_task import FamilyTask


class PublishModel(EffectTask, FamilyTask):
    """The registry's champion is the model that tonight's decision says should be live."""

    priority = 10

    def requires(self) -> dict[str, Any]:
        return {"decided": self.of(DecideModel), "evaluated": self.of(EvaluateModel)}

    def recipe(self) -> partial[Any]:
        return partial(registry.publish, family=self.family, night=self.day,
                       tracking_uri=deployment().registry)

    def summary(self, value: Any) -> str:
        if value["published"]:
            return f"published as {value['model']} version {value['version']}, now champion"
        return f"nothing published: {value['verdict']}"
