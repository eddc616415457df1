"""Columns of unlike units brought to one scale, by numbers that freeze as JSON."""

from collections.abc import Mapping
from typing import TypedDict

import numpy as np
import pandas as pd

CLIP = 3.0
DECIMALS = 6


class Scaling(TypedDict):
    """How one column is scaled: ``transform`` (none, log, root), then minus median, over scale."""

    transform: str
    median: float
    scale: float


def fit_scaling(features: pd.DataFrame, transforms: Mapping[str, str]) -> dict[str, Scaling]:
    """How to bring each column of ``features`` to a common scale: JSON, frozen with the centers.

    ``transforms`` names the columns that are amounts ("log": log(1 + x)) or shares of a whole
    ("root": the square root, by which distances between compositions become Hellinger distances
    and a share's noise the same whatever its size; Legendre and Gallagher 2001). Then median and
    interquartile range (over 1.349, so that a normal column gets its standard deviation). A
    column whose quartiles coincide (a choice few make) is scaled by half its standard deviation;
    one that never differs, or is missing for everybody, is left out.
    """
    scaling: dict[str, Scaling] = {}
    for name in features.columns:
        transform = transforms.get(name, "none")
        values = _transformed(features[name].to_numpy(dtype=float), transform)
        values = values[np.isfinite(values)]
        if len(values) == 0 or np.ptp(values) == 0:
            continue
        low, median, high = np.quantile(values, [0.25, 0.5, 0.75])
        spread = max((high - low) / 1.349, float(np.std(values)) / 2)
        scaling[name] = {
            "transform": transform,
            "median": round(float(median), DECIMALS),
            "scale": float(f"{spread:.6g}"),
        }
    return scaling


def scale(features: pd.DataFrame, scaling: Mapping[str, Scaling]) -> np.ndarray:
    """``features`` as points (rows, columns of ``scaling``), clipped to three spreads.

    A missing value, and a column that is not there any more, sit at the median, so that they
    speak for no group.
    """
    points = np.zeros((len(features), len(scaling)))
    for column, (name, how) in enumerate(scaling.items()):
        if name in features:
            values = _transformed(features[name].to_numpy(dtype=float), how["transform"])
            spreads = np.clip((values - how["median"]) / how["scale"], -CLIP, CLIP)
            points[:, column] = np.nan_to_num(spreads)
    return points


def _transformed(values: np.ndarray, transform: str) -> np.ndarray:
    if transform == "log":
        return np.log1p(values)
    return np.sqrt(np.clip(values, 0, None)) if transform == "root" else values
