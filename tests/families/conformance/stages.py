"""The stages of a night, fed as the tasks feed them, but from memory.

What was made once of the same inputs is not made again: the kit asks for the same examples in
many of its rules.
"""

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from conformance.small_world import EVENTS, SHARDS, SmallWorld
from ml import audience, baselines, calibration, evaluation, gates, scoring, training
from ml.families import FAMILIES
from ml.family import Family, Frames
from ml.label_health import label_health
from ml.segments import movement
from tasks.family_task import wants

SNAPSHOTS = ("tracks", "campaigns", "listeners", "consent")
REMEMBERED = 2000
_MADE: OrderedDict[Any, tuple[Any, Any]] = OrderedDict()


def made(function: Callable[..., Any], **inputs: Any) -> Any:
    """What ``function`` makes of ``inputs``; of the very same ones, what it made last time."""
    key = (function, _identity(inputs))
    if key not in _MADE:
        # The inputs are kept beside the result: while they live, nothing else has their id.
        _MADE[key] = (inputs, function(**inputs))
        if len(_MADE) > REMEMBERED:
            _MADE.popitem(last=False)
    return _MADE[key][1]


def summary(family: Family, world: SmallWorld, day: dt.date, shard: int | None = None) -> Frames:
    """The partials of one day, of one shard or of all listeners."""
    names = (*EVENTS, "tracks", "campaigns")
    read = _tables(family.summarise, world, names, day, shard)
    return made(family.summarise, day=day, **read)


def pooled(family: Family, world: SmallWorld, day: dt.date, sharded: bool = False) -> Frames | None:
    """What crosses listeners on a day; None for a family without such a thing."""
    if family.pool is None:
        return None
    return made(family.pool, partials=[summary(family, world, day, n) for n in shards(sharded)])


def definitions(family: Family, world: SmallWorld, sharded: bool = False) -> dict | None:
    """What the family discovers on the day looked at; None for a family that does not."""
    if family.discover is None:
        return None
    days, parts = world.until(world.day), shards(sharded)
    history = [summary(family, world, day, number) for day in days for number in parts]
    return made(family.discover, history=history, as_of=world.day)


def examples(
    family: Family,
    world: SmallWorld,
    day: dt.date | None = None,
    *,
    shard: int | None = None,
    history: Sequence[dt.date] | None = None,
) -> pd.DataFrame:
    """The examples of ``day``, from the days before it (or those in ``history``)."""
    day = day or world.day
    build, sharded = family.examples, shard is not None
    read = _tables(build, world, ("listens", "impressions", *SNAPSHOTS), day, shard)
    if family.shares is not None:
        basis = FAMILIES[family.shares]
        read["shared"] = examples(basis, world, day, shard=shard, history=history)
    if wants(build, "outcomes") and world.has("outcomes"):
        mature = world.until(day + dt.timedelta(family.windows.maturity))
        late = [each for each in mature if each >= day]
        read["outcomes"] = [made(world.table, name="outcomes", day=each, shard=shard)
                            for each in late]  # fmt: skip
    last = day if family.split == "listener" else day - dt.timedelta(days=1)
    known = _knowledge(family, build, world, history or world.until(last), shard, sharded)
    return made(build, day=day, **read, **known)


def candidates(family: Family, world: SmallWorld, shard: int | None = None) -> pd.DataFrame:
    """What is to be scored at the end of the day looked at."""
    build, days = family.candidates, world.until(world.day)
    read = _tables(build, world, SNAPSHOTS, world.day, shard)
    known = _knowledge(family, build, world, days, shard, shard is not None)
    return made(build, day=world.day, **read, **known)


def example_days(family: Family, world: SmallWorld) -> dict[str, list[dt.date]]:
    """The days learnt from, stopped on and tested on, as far as the small world goes."""
    if family.split == "listener":
        return {part: [world.day] for part in ("train", "stop", "test")}
    back = {"train": 2, "stop": 1, "test": 0}
    return {part: [world.day - dt.timedelta(number)] for part, number in back.items()}


def frames(family: Family, world: SmallWorld, part: str, sharded: bool = False) -> list:
    """The frames of examples of one part of the night: per day and shard."""
    days, parts = example_days(family, world)[part], shards(sharded)
    return [examples(family, world, day, shard=number) for day in days for number in parts]


def model(
    family: Family,
    train: list[pd.DataFrame],
    stop: list[pd.DataFrame],
    defined: dict | None = None,
) -> dict:
    """The trained model with its card and calibration."""
    fitted = made(
        training.fit, train=train, stop=stop, definitions=defined, recipe=family.model, threads=1
    )
    fit = calibration.fit_calibration
    return {**fitted, **made(fit, model=fitted, stop=stop, recipe=family.model)}


def nightly_model(family: Family, world: SmallWorld, sharded: bool = False) -> dict:
    """The model of the night, from the world's own examples."""
    train, stop = (frames(family, world, part, sharded) for part in ("train", "stop"))
    return model(family, train, stop, definitions(family, world, sharded))


def evaluated(family: Family, world: SmallWorld, found: dict) -> dict:
    """The evaluation of a model on the night's test day, beside the family's baselines."""
    train, stop, test = (frames(family, world, part) for part in ("train", "stop", "test"))
    standing = None
    if family.baselines:
        standing = made(
            baselines.stand_beside, train=train, stop=stop, test=test, baselines=family.baselines
        )
    return evaluation.evaluate(
        found, found, test, standing, family_name=family.name, night=world.day,
        test_days=example_days(family, world)["test"], recipe=family.model, slices=family.slices,
        curves=family.curves, draws=20,
    )  # fmt: skip


def decided(family: Family, world: SmallWorld, found: dict, judged: dict) -> dict:
    """The decision on a model, with no champion before it."""
    checked = None
    if any(gate.on == "labels" for gate in family.gates):
        checked = labels(family, world)
    moved = None
    if any(gate.on == "churn" for gate in family.gates):
        moved = movement.challenge(
            found, found, [candidates(family, world)], definitions(family, world),
            recipe=family.model, margin=family.hysteresis,
        )  # fmt: skip
    return gates.decide(
        judged, found, found, None, checked, moved, gates=family.gates, family_name=family.name,
        night=world.day,
    )  # fmt: skip


def labels(family: Family, world: SmallWorld) -> dict:
    """What the labels of the night look like, and the days on which late ones are awaited."""
    last = world.day + dt.timedelta(family.windows.maturity)
    late = [world.tables[day] for day in world.until(last) if day > world.day]
    return label_health(
        *(frames(family, world, part) for part in ("train", "stop", "test")),
        *([each[name] for each in late] for name in ("impressions", "outcomes")),
        family_name=family.name, night=world.day, kinds=family.required_outcomes,
    )  # fmt: skip


def scores(family: Family, world: SmallWorld, found: dict, rows: pd.DataFrame) -> pd.DataFrame:
    """The scores of candidates if ``found`` were live."""
    standing = found if "model.txt" in found else {}
    live = {**standing, "live.json": {"live_day": world.day.isoformat()}}
    return scoring.score(
        live, rows, recipe=family.model, keys=family.score_columns, settle=family.settle,
        scope=family.scope, reasoned_rows=20,
    )  # fmt: skip


def reached(family: Family, world: SmallWorld, scored: pd.DataFrame) -> pd.DataFrame:
    """Who is in the audiences of some scores; two listeners are enough for one here."""
    if family.audience_group is None:
        return scored[:0]
    consent = world.table("consent", world.day)
    built = audience.build(
        [scored], None if consent is None else [consent], group=family.audience_group,
        share=family.audience_share, minimum=2, family_name=family.name, night=world.day,
        consent_required=consent is not None, most_listeners=family.most_listeners,
        most_exposures=family.most_exposures,
    )  # fmt: skip
    return built["audience.parquet"]


def reads(family: Family, name: str) -> bool:
    """Whether any of the family's functions asks for an input of this name."""
    return any(wants(each, name) for each in (family.summarise, family.examples, family.candidates))


def shards(sharded: bool) -> Sequence[int | None]:
    """The numbers of the shards; one that holds everybody unless ``sharded``."""
    return range(SHARDS) if sharded else [None]


def features(family: Family, rows: pd.DataFrame) -> list[str]:
    """The columns of ``rows`` a model may learn from: declared and open ones."""
    declared = [name for name in family.model.features if name in rows]
    prefixes = family.model.open_features
    opened = [n for n in rows if prefixes and n.startswith(prefixes) and n not in declared]
    return declared + opened


def _tables(function, world: SmallWorld, names, day: dt.date, shard: int | None) -> dict:
    return {
        name: made(world.table, name=name, day=day, shard=shard)
        for name in names
        if wants(function, name) and name in world.tables[day]
    }  # fmt: skip


def _knowledge(family, function, world, days, shard: int | None, sharded: bool) -> dict:
    offered = {
        "history": lambda: [summary(family, world, day, shard) for day in days],
        "pooled": lambda: [pooled(family, world, day, sharded) for day in days],
        "definitions": lambda: definitions(family, world, sharded),
    }
    return {name: make() for name, make in offered.items() if wants(function, name)}


def _identity(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((name, _identity(each)) for name, each in sorted(value.items()))
    if isinstance(value, list | tuple):
        return tuple(map(_identity, value))
    return id(value) if isinstance(value, pd.DataFrame) else value
