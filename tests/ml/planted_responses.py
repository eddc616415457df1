"""A small listening world for models: evening listeners respond more, ``noise`` says nothing."""

import datetime as dt

import numpy as np
import pandas as pd

from ml.family import ModelRecipe

NIGHT = dt.date(2026, 1, 5)

RECIPE = ModelRecipe(
    objective="binary",
    features=("evening_share", "noise", "device"),
    categorical=("device",),
    parameters=(("num_leaves", 7), ("min_data_in_leaf", 20), ("learning_rate", 0.1)),
    rounds=60,
    patience=10,
    open_features=("attr_",),
)


def responses(seed: int = 1, rows: int = 4000, base: float = -3.0, day: int = 1) -> pd.DataFrame:
    """Impressions of listeners (four each) whose log odds rise by 3 from morning to evening."""
    random = np.random.default_rng(seed)
    listener = random.integers(0, max(rows // 4, 1), rows)
    evening = random.random(rows)
    device = np.array(["phone", "speaker", "car"])[listener % 3]
    odds = base + 3 * evening + (device == "speaker") * 0.7
    frame = pd.DataFrame(
        {
            "listener": pd.Series([f"l{number:05d}" for number in listener], dtype="str"),
            "moment": pd.Timestamp(2026, 1, day)
            + pd.to_timedelta(random.integers(0, 86_400, rows), unit="s"),
            "label": (random.random(rows) < 1 / (1 + np.exp(-odds))).astype("int64"),
            "evening_share": evening,
            "noise": random.random(rows),
            "device": pd.Series(device, dtype="str"),
            "attr_break": random.integers(-1, 4, rows),
            "market": pd.Series(np.array(["DE", "SE"])[listener % 2], dtype="str"),
        }
    )
    return frame.assign(moment=frame["moment"].astype("datetime64[ms]"))


def moods(seed: int = 1, rows: int = 3000) -> pd.DataFrame:
    """Listeners of three kinds, nearly told apart by when they listen; split into parts."""
    frame = responses(seed, rows)
    random = np.random.default_rng(seed + 100)
    label = np.clip(frame["evening_share"] * 3 + random.normal(0, 0.3, rows), 0, 2.999)
    part = np.array(["train", "train", "stop", "test"])[random.integers(0, 4, rows)]
    return frame.assign(label=label.astype("int64"), part=pd.Series(part, dtype="str"))
