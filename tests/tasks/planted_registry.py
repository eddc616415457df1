"""Small real models with a decision each, in a store as a night leaves them, for the registry."""

import dataclasses
import hashlib
import json

import lightgbm
import numpy as np
import pandas as pd
from store_places import manifest

from ml.family import ModelRecipe
from tasks.engine import codec, registry
from tasks.engine.manifest import Input
from tasks.engine.payload import payload_of

FAMILY = "planted"
EVALUATED = {"evaluation.json": {
    "rows": 100, "metrics": {"model": {"auc": {"value": 0.7}, "untold": {"value": None}}}}}
ROWS = pd.DataFrame({"plays": [1, 2, 3], "share": [0.1, 0.5, 0.9], "country": ["de", "fr", "de"]})


def bundle(seed):
    """The files of a decision that blesses a model; another seed is another model."""
    values = np.random.default_rng(seed).normal(size=(200, 3))
    booster = lightgbm.train(
        {"objective": "binary", "num_threads": 1, "verbose": -1, "num_leaves": 4, "seed": seed},
        lightgbm.Dataset(values, values[:, 0] > 0), num_boost_round=3,
    )
    card = {"features": list(ROWS), "categorical": {"country": ["de", "fr"]}, "classes": None,
            "objective": "binary", "keep_negatives": ModelRecipe.keep_negatives}
    return {
        "decision.json": {"verdict": "blessed", "reasons": [], "live_day": "2026-01-05"},
        "model.txt": booster.model_to_string(), "card.json": card,
        "calibration.json": {"method": "identity", "rows": 0, "notes": []},
    }


class Nights:
    """Nights of one family in a store: their artifacts, and the receipts of what was published."""

    def __init__(self, store, tracking, folder):
        self.store, self.tracking, self.folder = store, tracking, folder

    def publish(self, night, seed):
        """Publish a model as `PublishModel` does, and keep its receipt; the receipt."""
        inputs = {"decided": self._kept("DecideModel", night, bundle(seed)),
                  "evaluated": self._kept("EvaluateModel", night, EVALUATED),
                  "rows": self._kept("BuildExamples", f"{night}.0", ROWS)}
        decided = self.store.read(inputs["decided"], as_path=True)
        rows = self.store.read(inputs["rows"], as_path=True)
        receipt = registry.publish(decided, EVALUATED, rows, family=FAMILY, night=night,
                                   tracking=self.tracking, loader="ml.serving")
        given = {name: Input(one.address[0], one.address[2], one.digest)
                 for name, one in inputs.items()}
        self._kept("PublishModel", night, receipt, given)
        return receipt

    def _kept(self, task, label, value, inputs=None):
        text = json.dumps(value, default=str, sort_keys=True) + task + str(label)
        address = task, f"{FAMILY}.{label}", hashlib.sha256(text.encode()).hexdigest()
        with self.store.staging() as stage:
            kind = codec.write(value, stage)
            about = manifest(kind, payload_of(stage), address, f"{str(label)[:10]}T05:00:00+00:00")
            return self.store.commit(stage, dataclasses.replace(about, inputs=inputs or {}))
