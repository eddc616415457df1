"""Does a seed list find its group? ``python -m benchmarks.lookalike [LISTENERS [DAYS [...]]]``.

LISTENERS, DAYS, SEEDS and WORLDS are 8000, 28, 500 and 3. SEEDS listeners of each planted group
make a list, and everybody is scored. *Precision* is the share of seeds, by decile of all scored
listeners, which is what a deployment can know; *truth* is the share of the group among the best
listeners who are not on the list, which only an invented world tells. A list names listeners who
were in their group on all days; with ``today`` it names those of the last day, and a few of them
changed yesterday, so that nothing they did tells it yet. Beside the model stand the similarity to
the mean of the seeds (cosine) and a logistic regression, cross-fitted in the same folds.
"""

import datetime as dt
import sys
import time

import numpy as np
import pandas as pd

from ml.encoding import encode, fit_encoding
from ml.families import FAMILIES
from ml.features import listening_day
from ml.lookalike import FOLDS, fold_of, recipe_of, scores
from ml.lookalike_quality import quality
from ml.segments import assignment
from ml.world import World, generate_day, truth
from ml.world.habits import CONTEXTS, DEVICES, GENRES, HABITS

RECIPE = FAMILIES["user_segmentation"].model
FIRST_SEED = 7
GROUPS = (*(habit.name for habit in HABITS), "sleepers+party")
"""Lists of one group each, and one of two that are unlike each other, as customers may be."""


def listeners_of(world: World, days: int) -> pd.DataFrame:
    """Candidates with enough plays after so many days, with their planted ``group`` on the last.

    ``steady`` are those who were in it on all days.
    """
    dates = [world.first_day + dt.timedelta(number) for number in range(days)]
    history = []
    for day in dates:
        table = generate_day(world, day)
        history.append(
            listening_day.summarise(day, table["listens.parquet"], table["tracks.parquet"])
        )
    words = {"device": list(DEVICES), "context": list(CONTEXTS), "genre": list(GENRES), "scene": []}
    frozen = {"vocabulary": words, "expires": dates[-1].isoformat(), "segments": []}
    rows = assignment.candidates(
        day=dates[-1], history=history, definitions={"definitions.json": frozen},
        listeners=table["listeners.parquet"], consent=table["consent.parquet"],
    )  # fmt: skip
    rows = rows[rows["enough_evidence"]]
    spells = truth(world)["segments.parquet"]
    spells = spells[spells["since"] <= pd.Timestamp(dates[-1])]
    last = spells.drop_duplicates("listener", keep="last").set_index("listener")["segment"]
    moved = set(spells.loc[spells["listener"].duplicated(), "listener"])
    return rows.assign(
        group=last.reindex(rows["listener"]).to_numpy(dtype=object),
        steady=~rows["listener"].isin(moved),
    ).sort_values("listener", ignore_index=True)


def seeds_of(people: pd.DataFrame, group: str, count: int, today: bool = False) -> np.ndarray:
    """Which rows are on the list: ``count`` of the group, drawn by a hash of their names."""
    mine = np.flatnonzero(people["group"].isin(group.split("+")) & (people["steady"] | today))
    names = people["listener"].to_numpy(dtype=object)[mine]
    drawn = np.argsort(pd.util.hash_array(names, categorize=False), kind="stable")[:count]
    return np.isin(np.arange(len(people)), mine[drawn])


def model(people: pd.DataFrame, is_seed: np.ndarray) -> np.ndarray:
    """What the platform does."""
    return scores(people.drop(columns=["group", "steady"]), is_seed, recipe_of(RECIPE))


def cosine(people: pd.DataFrame, is_seed: np.ndarray) -> np.ndarray:
    """Similarity to the mean of the other folds' seeds, in spreads from everybody's mean."""
    points = _points(people)

    def score(learnt: np.ndarray, asked: np.ndarray) -> np.ndarray:
        center = points[learnt & is_seed].mean(axis=0)
        return points[asked] @ center / np.linalg.norm(points[asked], axis=1)

    return _crossed(people, score)


def logistic(people: pd.DataFrame, is_seed: np.ndarray) -> np.ndarray:
    """A logistic regression on the numbers, as scikit-learn makes it (C = 0.1)."""
    from sklearn.linear_model import LogisticRegression

    points = _points(people)

    def score(learnt: np.ndarray, asked: np.ndarray) -> np.ndarray:
        fitted = LogisticRegression(C=0.1, max_iter=500).fit(points[learnt], is_seed[learnt])
        return fitted.predict_proba(points[asked])[:, 1]

    return _crossed(people, score)


def _points(people: pd.DataFrame) -> np.ndarray:
    """The numeric features in spreads; what is missing is the mean."""
    encoding = fit_encoding([people.assign(label=0)], np.arange(len(people)), RECIPE)
    numeric = [name not in encoding["categorical"] for name in encoding["features"]]
    matrix = encode(people, encoding)[:, numeric].astype(float)
    spread = np.nanstd(matrix, axis=0)
    return np.nan_to_num((matrix - np.nanmean(matrix, axis=0)) / np.where(spread > 0, spread, 1))


def _crossed(people: pd.DataFrame, score) -> np.ndarray:
    folds = fold_of(people["listener"])
    found = np.zeros(len(people))
    for fold in range(FOLDS):
        found[folds == fold] = score(folds != fold, folds == fold)
    return found


WAYS = {"model": model, "logistic": logistic, "cosine": cosine}


def line(people: pd.DataFrame, is_seed: np.ndarray, group: str, found: np.ndarray) -> str:
    """Lift of the first decile, precision by decile, and the truth about who is not listed."""
    told = quality(people["listener"], is_seed, found)
    first, base = told["deciles"][0], told["base_rate"]
    precision = " ".join(f"{one['precision']:.3f}" for one in told["deciles"])
    of_group = people["group"].isin(group.split("+")).to_numpy()
    others = np.flatnonzero(~is_seed)
    best = others[np.argsort(-found[others], kind="stable")[: of_group[others].sum()]]
    return (
        f"{first['lift']:5.2f} ({first['low'] / base:.2f} to {first['high'] / base:.2f})"
        f" {min(10, len(people) / of_group.sum()):5.2f}  {'yes' if told['falls'] else 'no ':3}"
        f" {told['average_precision']:.3f}  {of_group[best].mean():.3f} {precision}"
    )


def main(listeners: int = 8000, days: int = 28, seeds: int = 500, worlds: int = 3) -> None:
    """A line for each world, group, list and way of scoring."""
    print("world group          list   way       lift (95 %)      most falls  AP    truth"
          "  precision by decile")  # fmt: skip
    for seed in range(FIRST_SEED, FIRST_SEED + worlds):
        people = listeners_of(World(listeners=listeners, seed=seed), days)
        for group in GROUPS:
            for kind in ("steady", "today"):
                is_seed = seeds_of(people, group, seeds, kind == "today")
                for name, way in WAYS.items():
                    if kind == "today" and name != "model":
                        continue
                    began = time.process_time()
                    found = way(people, is_seed)
                    took = time.process_time() - began
                    said = line(people, is_seed, group, found)
                    print(f"{seed:5} {group:14} {kind:6} {name:8} {said}  {took:.1f} s", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
