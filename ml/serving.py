"""The published model, for whoever asks: features in, calibrated probabilities out.

The registry names this module as the model's loader (MLflow calls ``_load_pyfunc``). What it
loads are the bundle's own files, all in open formats: LightGBM's text, and the card and the
calibration in JSON. Without us, the text alone is a LightGBM model like any other; it gives
neither the calibration nor the vocabularies of categories.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from ml.calibration import calibrated, uncalibrated


class Served:
    """A model with its card and calibration, as it was when it went live."""

    def __init__(self, model: str, card: dict, calibration: dict) -> None:
        self.model, self.card, self.calibration = model, card, calibration

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """``probability`` of each row, or ``probability_<name>`` of each class; in its index.

        The columns are the features of the card, as examples and candidates have them; their
        order does not matter, others are not looked at, and a missing one is a missing value.
        """
        bundle = {"model.txt": self.model, "card.json": self.card}
        found = calibrated(uncalibrated(bundle, frame), self.calibration)
        classes = self.card["classes"]
        if classes is None:
            return pd.DataFrame({"probability": found}, index=frame.index)
        names = [f"probability_{name}" for name in classes]
        return pd.DataFrame(np.asarray(found), columns=names, index=frame.index)


def _load_pyfunc(folder: str) -> Served:
    """What MLflow calls, with the folder of the bundle's files."""
    files = {name: (Path(folder) / name).read_text(encoding="utf-8") for name in (
        "model.txt", "card.json", "calibration.json")}  # fmt: skip
    return Served(
        files["model.txt"], json.loads(files["card.json"]), json.loads(files["calibration.json"])
    )
