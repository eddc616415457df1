"""Whether tonight's training should go on from last night's trees, or begin anew.

``python -m benchmarks.warm [--listeners 3000] [--seeds 3] [--nights 5]``. Ad targeting on listening
worlds, night after night: 8 days to learn, 1 to stop, 1 to test. *Cold* is what Setlist does.
*Same rounds* takes last night's number of trees and stops on nothing, so it needs no stop day: the
day goes to the learning. *Continued* adds trees to those of the night before (LightGBM's
``init_model``), which learnt on days that all lie before tonight's stop and test days; it learns
from tonight's window, or from its newest day alone. Everything is calibrated on the stop day
(that of *same rounds*, which learnt from it, is not). Differences of normalized entropy to cold,
in percent, pooled over nights and worlds, with a 95 % interval by listener.
"""

import argparse
import time
from dataclasses import dataclass, field

import lightgbm
import numpy as np
import pandas as pd

from benchmarks.judging import DRAWS, percent
from benchmarks.listening import days_of_examples
from ml.calibration import calibrated, fit_platt
from ml.encoding import encode, fit_encoding
from ml.families.ad_targeting import AD_TARGETING
from ml.intervals import normalized_entropy_draws, resample
from ml.metrics import log_losses, normalized_entropy
from ml.sampling import part
from ml.world import World

RECIPE = AD_TARGETING.model
PARAMETERS = {
    "metric": "binary_logloss", "verbosity": -1, **dict(RECIPE.parameters), "objective": "binary",
    "deterministic": True, "force_row_wise": True, "seed": RECIPE.seed, "num_threads": 1,
}
LEARN = 8
WAYS = ("cold", "same rounds", "continued", "continued, newest day")


@dataclass
class Night:
    """The days of one night, encoded with one vocabulary for all nights of a world."""

    encoding: dict
    days: list[pd.DataFrame]

    def rows(self, first: int, last: int) -> pd.DataFrame:
        return part(self.days[first:last], "train")

    def matrix(self, rows: pd.DataFrame) -> np.ndarray:
        return encode(rows, self.encoding)


@dataclass
class Way:
    """What one way of training took and foretold, over all nights."""

    seconds: float = 0.0
    trees: list[int] = field(default_factory=list)
    probabilities: list[np.ndarray] = field(default_factory=list)


def boost(night: Night, learn, stop, rounds: int, before=None):
    """Trees and CPU seconds; with ``stop`` rows early stopping, with ``before`` trees go on."""
    began = time.process_time()
    words = [night.encoding["features"].index(name) for name in night.encoding["categorical"]]
    data = lightgbm.Dataset(
        night.matrix(learn), learn["label"].to_numpy(), categorical_feature=words,
        params=PARAMETERS, free_raw_data=False,
    )
    watched = [] if stop is None else [
        lightgbm.Dataset(
            night.matrix(stop), stop["label"].to_numpy(), reference=data, free_raw_data=False
        )
    ]
    stopping = [lightgbm.early_stopping(RECIPE.patience, verbose=False)] if watched else []
    booster = lightgbm.train(
        PARAMETERS, data, rounds, valid_sets=watched, init_model=before, callbacks=stopping,
    )
    best = booster.best_iteration or booster.current_iteration()
    text = booster.model_to_string(num_iteration=best)
    return lightgbm.Booster(model_str=text), best, time.process_time() - began


def measure(world: World, nights: int, ways: dict[str, Way]) -> tuple[list, list]:
    """Run the nights of one world; the test labels and listeners."""
    days = list(days_of_examples(world, LEARN + nights + 3))
    everything = part(days[:LEARN], "train")
    encoding = fit_encoding([everything], np.arange(len(everything)), RECIPE)
    night, before, labels, listeners = Night(encoding, days), None, [], []
    rounds = 0
    for number in range(nights + 1):
        learn, stop = night.rows(number, number + LEARN), night.rows(number + LEARN, number + 9)
        test = night.rows(number + 9, number + 10)
        cold = boost(night, learn, stop, RECIPE.rounds)
        if number:  # the first night has no night before it
            newest = night.rows(number + LEARN - 1, number + LEARN)
            made = {
                "cold": cold,
                "same rounds": boost(night, pd.concat([learn, stop]), None, rounds),
                "continued": boost(night, learn, stop, RECIPE.rounds, before),
                "continued, newest day": boost(night, newest, stop, RECIPE.rounds, before),
            }
            for name, (booster, best, seconds) in made.items():
                ways[name].seconds += seconds
                ways[name].trees.append(best)
                ways[name].probabilities.append(foretold(night, booster, stop, test, name))
            labels.append(test["label"].to_numpy())
            listeners.append(f"{world.seed} " + test["listener"])
        before, rounds = cold[0], cold[1]
    return labels, listeners


def foretold(night: Night, booster, stop, test, name: str) -> np.ndarray:
    """Probabilities of the test rows, calibrated on a stop day that taught nothing."""
    raw = np.asarray(booster.predict(night.matrix(test), num_threads=1))
    if name == "same rounds":
        return raw
    told = np.asarray(booster.predict(night.matrix(stop), num_threads=1))
    return calibrated(raw, fit_platt(stop["label"].to_numpy(), told, stop["listener"]))


def main() -> None:
    """Run every way on every world and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listeners", type=int, default=3000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--nights", type=int, default=5)
    asked = parser.parse_args()
    ways = {name: Way() for name in WAYS}
    labels, listeners = [], []
    for seed in range(7, 7 + asked.seeds):
        found = measure(World(listeners=asked.listeners, seed=seed), asked.nights, ways)
        labels += found[0]
        listeners += found[1]
    report(ways, np.concatenate(labels), pd.concat(listeners, ignore_index=True))


def report(ways: dict[str, Way], labels: np.ndarray, listeners: pd.Series) -> None:
    """The table."""
    drawn = resample(listeners, DRAWS, seed=7)
    cold = np.concatenate(ways["cold"].probabilities)
    print(f"{len(labels):,} test rows, {labels.sum():,} positive")
    print(f"{'':24}{'CPU s':>8}{'trees':>8}{'NE':>9}   difference in %")
    for name, way in ways.items():
        mine = np.concatenate(way.probabilities)
        gaps = log_losses(labels, mine) - log_losses(labels, cold)
        scale = 100 / normalized_entropy(labels, cold)
        draws = normalized_entropy_draws(labels, gaps, 2, drawn) * scale
        value = (normalized_entropy(labels, mine) - normalized_entropy(labels, cold)) * scale
        difference = percent((value, *np.percentile(draws, [2.5, 97.5])))
        print(f"{name:24}{way.seconds:>8.1f}{np.mean(way.trees):>8.0f}"
              f"{normalized_entropy(labels, mine):>9.4f}   {difference}")


if __name__ == "__main__":
    main()
