"""Late conversions: wait, take young labels as they are, or weigh them?

``python -m benchmarks.delay [WORLDS] [LISTENERS]``. A conversion counts for a week. On a night,
the newest days' labels are not complete. Every way learns from 14 days, stops and calibrates on
three, and is judged on the three days after the night, against the true chances, which are known
in the built-in world.
"""

import sys
from collections import defaultdict

import numpy as np
import pandas as pd

from benchmarks.nights import Nights, nights
from ml.calibration import fit_calibration, predict
from ml.delay import arrival, waits, weights
from ml.families.ad_outcomes import AD_CONVERSION
from ml.labels import responded
from ml.training import fit
from ml.world import World, true_probabilities

NIGHT, WINDOW, TRAIN, STOP, FIRST = 26, 7, 14, 3, 2
"""The night; how many days a conversion counts, are learnt from, stop and calibrate; the first."""
KINDS = AD_CONVERSION.required_outcomes
RECIPE = AD_CONVERSION.model


def seen(town: Nights, number: int, rows: pd.DataFrame, until: int) -> pd.Series:
    """The labels of a day's examples as they are known at the midnight that begins ``until``."""
    known = [table["outcomes"] for table in town.tables[number : min(until, number + WINDOW + 1)]]
    shown = rows[["impression"]].assign(at=rows["moment"])
    return responded(shown, known, within=pd.Timedelta(days=WINDOW), kinds=KINDS)


def ways(town: Nights) -> dict[str, pd.DataFrame]:
    """Predictions for the days after the night, by the way labels were treated."""
    midnight = pd.Timestamp(town.day(NIGHT))
    examples = {number: town.examples(number)["ad_targeting"] for number in range(FIRST, NIGHT)}
    full = {n: rows.assign(label=seen(town, n, rows, NIGHT + WINDOW + 1).to_numpy())
            for n, rows in examples.items()}  # fmt: skip
    young = {n: rows.assign(label=seen(town, n, rows, NIGHT).to_numpy())
             for n, rows in examples.items()}  # fmt: skip
    past = range(FIRST, NIGHT)
    waited = waits([town.tables[n]["impressions"] for n in past],
                   [town.tables[n]["outcomes"] for n in past], KINDS, midnight)  # fmt: skip
    arrived = arrival(waited["waited"].to_numpy(), waited["followed"].to_numpy(), WINDOW)
    weighted = {
        n: rows.assign(weight=weights(rows["label"].to_numpy(), _age(rows, midnight), arrived))
        for n, rows in young.items()
    }
    old = range(NIGHT - WINDOW - TRAIN - STOP, NIGHT - WINDOW)
    fresh = range(NIGHT - TRAIN - STOP, NIGHT)
    *_, a, b, c = old
    rest = [n for n in range(NIGHT - TRAIN - STOP, NIGHT) if n not in (a, b, c)]
    mature = [full[n] for n in (a, b, c)]
    asked = {
        "mature labels only": ([full[n] for n in old[:-STOP]], mature),
        "young labels as they are": ([young[n] for n in fresh[:-STOP]],
                                     [young[n] for n in fresh[-STOP:]]),
        "the same, calibrated on mature days": ([young[n] for n in rest], mature),
        "young labels weighted": ([weighted[n] for n in rest], mature),
        "all labels known (a look ahead)": ([full[n] for n in rest], mature),
    }  # fmt: skip
    judged = [town.examples(n)["ad_targeting"] for n in range(NIGHT, NIGHT + 3)]
    return {name: _predictions(train, stop, judged) for name, (train, stop) in asked.items()}


def _age(rows: pd.DataFrame, midnight: pd.Timestamp) -> np.ndarray:
    return ((midnight - rows["moment"]) / pd.Timedelta(days=1)).to_numpy()


def _predictions(train, stop, judged) -> pd.DataFrame:
    model = fit(train, stop, recipe=RECIPE, threads=1)
    calibration = fit_calibration(model, stop, recipe=RECIPE)
    rows = pd.concat(judged, ignore_index=True)
    return rows.assign(said=predict(model, calibration, rows, RECIPE))


def figures(town: Nights, found: dict[str, pd.DataFrame]) -> dict[str, tuple[float, float, float]]:
    """Normalized entropy (expected over the true chances), calibration, the same of new ads."""
    days = [true_probabilities(town.world, town.day(n)) for n in range(NIGHT, NIGHT + 3)]
    true = pd.concat(days).set_index("impression")["conversion"]
    told = {}
    for name, rows in found.items():
        chance, said = true.loc[rows["impression"]].to_numpy(), rows["said"].to_numpy()
        new = (rows["ad_newness"] == "new").to_numpy()
        told[name] = (_entropy(chance, said), said.sum() / chance.sum(),
                      said[new].sum() / max(chance[new].sum(), 1e-9))  # fmt: skip
    told["the true chances"] = (_entropy(chance, chance), 1.0, 1.0)
    return told


def _entropy(chance: np.ndarray, said: np.ndarray) -> float:
    def loss(guess):
        return -(chance * np.log(guess) + (1 - chance) * np.log1p(-guess)).mean()

    return float(loss(np.clip(said, 1e-9, 1 - 1e-9)) / loss(np.full(len(chance), chance.mean())))


def main(worlds: int = 6, listeners: int = 2500) -> None:
    """The table after every world."""
    told = defaultdict(list)
    for seed in range(1, worlds + 1):
        town = nights(World(listeners=listeners, artists=200, seed=seed), NIGHT + WINDOW + 4)
        for name, row in figures(town, ways(town)).items():
            told[name].append(row)
        show(told)


def show(told: dict[str, list[tuple]]) -> None:
    """One line a way: means over worlds, and two standard errors of the difference to waiting."""
    base = np.array(told["mature labels only"])[:, 0]
    print(f"{len(base)} worlds\n{'labels':<40}{'entropy':>9}{'less than waiting':>20}"
          f"{'calibration':>13}{'new ads':>9}")  # fmt: skip
    for name, rows in told.items():
        each = np.array(rows)
        entropy, ratio, new = each.mean(axis=0)
        gains = base - each[:, 0]
        sure = 2 * gains.std() / max(len(gains) - 1, 1) ** 0.5
        print(f"{name:<40}{entropy:>9.4f}{gains.mean():>10.4f} +- {sure:.4f}"
              f"{ratio:>13.3f}{new:>9.3f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
