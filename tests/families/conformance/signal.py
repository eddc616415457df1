"""A planted signal is found, and none where labels were dealt at random."""

import datetime as dt
from functools import cache

import numpy as np
import pandas as pd

from conformance import stages
from conformance.comparing import surviving
from conformance.small_world import SmallWorld
from ml import metrics
from ml.calibration import predict
from ml.family import Family
from ml.tables import OUTCOMES

ROWS = {"train": 2000, "stop": 700, "test": 1000}
CLEAR = 0.75
"""How often a planted label is what its feature says; otherwise it is a guess."""
FOUND, NOTHING = 0.9, 0.97
"""Normalized entropy: below the first a signal was found, above the second none was."""
ANSWERED = 0.3


def a_planted_signal_is_found(family: Family, world: SmallWorld) -> None:
    """A label that follows one of the family's own features is learnt."""
    dealt = planted(family, world)
    entropy = _entropy(*_judged(family, world, dealt))
    assert entropy < FOUND, (
        f"Planted a label that follows the feature {telling(family, world)}: expected a "
        f"normalized entropy below {FOUND}, found {entropy:.3f}, where 1 is knowing the base rate "
        f"alone. Can these parameters learn from {ROWS['train']:,} rows?"
    )


def in_shuffled_labels_nothing_is_found(family: Family, world: SmallWorld) -> None:
    """Labels dealt at random to the examples are not foretold; else the label is a feature."""
    entropy = _entropy(*_judged(family, world, shuffled(family, world)))
    assert entropy > NOTHING, (
        f"With labels dealt at random, expected a normalized entropy of 1 (nothing can be known), "
        f"found {entropy:.3f}. Is the label, or what follows from it, among the features?"
    )


def in_random_outcomes_nothing_is_found(family: Family, world: SmallWorld) -> None:
    """Outcomes dealt at random in the log itself are not foretold; else a feature reads them."""
    if not stages.reads(family, "outcomes"):
        return
    luck = at_random(world)
    train, stop, test = (stages.frames(family, luck, part)[0] for part in ROWS)
    if train["label"].nunique() < 2:
        return
    defined = stages.definitions(family, luck)
    learnt, watched = _drawn(train, ROWS["train"]), _drawn(stop, ROWS["stop"])
    found, rows = stages.model(family, [learnt], [watched], defined), test
    scores = predict(found, found, rows, family.model)
    auc = metrics.auc(rows["label"], scores)
    assert not auc > 0.72, (
        f"With outcomes dealt at random, expected an area under the curve near 0.5, found "
        f"{auc:.3f} on {len(rows)} rows. A feature reads an outcome of its own impression."
    )


@cache
def at_random(world: SmallWorld) -> SmallWorld:
    """The world in which luck alone decides what follows an impression."""
    return world.changed(lambda day, name, table: _random(world, day, name, table))


def planted(family: Family, world: SmallWorld) -> dict[str, pd.DataFrame]:
    """Examples whose label follows a feature, in three parts."""
    rows, count = _known(family, world), _classes(family, world)
    values = rows[telling(family, world)]
    codes = values.rank(method="dense", na_option="bottom").astype("int64").to_numpy()
    order = np.argsort(np.argsort(codes, kind="stable"), kind="stable")
    told = order * count // len(rows)
    luck = np.random.default_rng(3)
    guessed = luck.integers(0, count, len(rows))
    label = np.where(luck.random(len(rows)) < CLEAR, told, guessed)
    return _parts(rows.assign(label=label.astype("int64")))


def shuffled(family: Family, world: SmallWorld) -> dict[str, pd.DataFrame]:
    """Examples whose label is luck, in three parts."""
    rows = _known(family, world)
    label = np.random.default_rng(4).integers(0, _classes(family, world), len(rows))
    return _parts(rows.assign(label=label.astype("int64")))


def telling(family: Family, world: SmallWorld) -> str:
    """The declared feature with the most different values: a label that follows it is plain."""
    rows = stages.examples(family, world)
    numbers = [n for n in stages.features(family, rows) if pd.api.types.is_numeric_dtype(rows[n])]
    assert numbers, "Expected a feature of numbers among the examples' columns, found none."
    return max(numbers, key=lambda name: (rows[name].nunique(), name))


def model_of(family: Family, world: SmallWorld, dealt: dict[str, pd.DataFrame]) -> dict:
    """The model learnt from dealt labels."""
    defined = stages.definitions(family, world)
    with surviving("When training on examples with other labels"):
        return stages.model(family, [dealt["train"]], [dealt["stop"]], defined)


def _judged(family: Family, world: SmallWorld, dealt) -> tuple[np.ndarray, np.ndarray]:
    found = model_of(family, world, dealt)
    assert "model.txt" in found, f"Expected a model, found none: {found['card.json']['untrained']}"
    return dealt["test"]["label"].to_numpy(), predict(found, found, dealt["test"], family.model)


def _entropy(labels: np.ndarray, predicted: np.ndarray) -> float:
    several = predicted.ndim == 2
    figure = metrics.class_normalized_entropy if several else metrics.normalized_entropy
    return figure(labels, predicted)


def _known(family: Family, world: SmallWorld) -> pd.DataFrame:
    """Rows of all the world's examples, as many as it takes to tell."""
    days = {day for days in stages.example_days(family, world).values() for day in days}
    rows = [stages.examples(family, world, day) for day in sorted(days)]
    known = pd.concat([each for each in rows if len(each)], ignore_index=True)
    return _drawn(known, sum(ROWS.values()))


def _drawn(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """``count`` of the rows, drawn with replacement."""
    drawn = np.random.default_rng(5).integers(0, len(rows), count)
    return rows.iloc[drawn].reset_index(drop=True)


def _parts(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    ends = np.cumsum(list(ROWS.values()))
    cut = {
        name: rows.iloc[end - ROWS[name] : end].reset_index(drop=True)
        for name, end in zip(ROWS, ends, strict=True)
    }
    return {n: p.assign(part=n) if "part" in p else p for n, p in cut.items()}


def _classes(family: Family, world: SmallWorld) -> int:
    if family.model.objective == "binary":
        return 2
    defined = stages.definitions(family, world)
    return len(defined["definitions.json"]["segments"]) if defined else 3


def _random(world: SmallWorld, day: dt.date, name: str, table: pd.DataFrame) -> pd.DataFrame:
    """In place of a day's outcomes: each kind for three impressions in ten, hours later."""
    if name != "outcomes":
        return table
    recent = [each for each in world.until(day) if (day - each).days <= 1]
    shown = pd.concat([world.tables[each]["impressions"] for each in recent])
    kinds = next(column.among for column in OUTCOMES.columns if column.name == "kind")
    found = []
    for kind in kinds:
        # Each impression has a fate of its own, the same whichever day asks for it.
        hit = _fate(shown["impression"], kind) < ANSWERED
        late = pd.to_timedelta(_fate(shown["impression"], f"{kind} late") * 40_000, unit="s")
        found.append(shown.assign(kind=kind, at=shown["at"] + late)[hit])
    rows = pd.concat(found)[table.columns].astype(table.dtypes.to_dict())
    return rows[rows["at"].dt.date == day].reset_index(drop=True)


def _fate(ids: pd.Series, what: str) -> np.ndarray:
    """A number in [0, 1) for each id."""
    hashed = pd.util.hash_array((ids + what).to_numpy(dtype=object), categorize=False)
    return hashed / 2.0**64
