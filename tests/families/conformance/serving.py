"""What is scored looks like what was learnt from: names, dtypes, and the values themselves."""

import pandas as pd

from conformance import stages
from conformance.comparing import assert_same, assert_same_dtypes, surviving
from conformance.small_world import EVENTS, SmallWorld
from ml.contract import DTYPES, Contract
from ml.family import Family
from ml.tables import TABLES

UNKNOWN_AT_SCORING = 0.2
"""Share of the features that may be missing altogether when scoring, such as today's counts."""


def candidates_have_the_features_of_training(family: Family, world: SmallWorld) -> None:
    """Every feature of the examples is in the candidates, in the same dtype, and mostly known."""
    built, offered = stages.examples(family, world), stages.candidates(family, world)
    names = stages.features(family, built)
    missing = [name for name in names if name not in offered]
    assert not missing, (
        f"In the candidates, expected every feature of the examples; the column {missing[0]} is "
        f"missing ({len(missing)} in all)."
    )
    assert_same_dtypes(built[names], offered[names], "In the candidates, as in the examples")
    unknown = [name for name in names if offered[name].isna().all() and built[name].notna().any()]
    assert len(unknown) <= UNKNOWN_AT_SCORING * len(names), (
        f"In the candidates, {len(unknown)} of {len(names)} features are missing in every row but "
        f"known in training, such as {', '.join(unknown[:5])}: the model is scored blindfold."
    )


def the_same_opportunity_has_the_same_features(family: Family, world: SmallWorld) -> None:
    """A candidate that came true has, as an example, the features it was scored with.

    The candidates become the next day's only events, and examples are built of them as they
    would be for training. Optional tables of that day's events are left out: when scoring,
    nobody knows them.
    """
    offered = stages.candidates(family, world)
    with surviving("When candidates come true and are learnt from"):
        built = come_true(family, world, offered)
    names = [name for name in stages.features(family, built) if name in offered]
    keys = [name for name in (*family.keys, "moment", *family.slices) if name in built]
    keys = list(dict.fromkeys(name for name in keys if name in offered and name not in names))
    both = offered[keys].merge(built[keys].drop_duplicates(), on=keys)
    assert len(both), f"Expected examples of the same {', '.join(keys)} as candidates, found none."
    scored = ordered_by(offered.merge(both.drop_duplicates(), on=keys), keys)[[*keys, *names]]
    learnt = ordered_by(built.merge(both.drop_duplicates(), on=keys), keys)[[*keys, *names]]
    assert_same(learnt, scored, "Of the same opportunity, in training and when scored")


def come_true(family: Family, world: SmallWorld, offered: pd.DataFrame) -> pd.DataFrame:
    """The examples of candidates that came true on their day."""
    if family.split == "listener":
        return stages.examples(family, world)
    future = {
        name: as_events(TABLES[name], offered, world)
        for name in EVENTS
        if name in family.required_tables and world.has(name)
    }
    snapshots = {n: t for n, t in world.tables[world.day].items() if n not in EVENTS}
    known = {day: world.tables[day] for day in world.until(world.day)}
    tomorrow = SmallWorld({**known, world.morrow: {**snapshots, **future}}, world.morrow)
    return stages.examples(family, tomorrow)


def as_events(contract: Contract, offered: pd.DataFrame, world: SmallWorld) -> pd.DataFrame:
    """Candidates as rows of a table of events; of outcomes there are none yet."""
    if contract.name == "outcomes":
        return contract.empty()
    known = [column.name for column in contract.columns_of(offered) if column.name in offered]
    rows = offered[known].assign(
        at=offered["moment"], impression=[f"opportunity-{row}" for row in range(len(offered))]
    )
    adverts = world.tables[world.day].get("campaigns")
    if adverts is not None and "ad" in rows and "advertiser" not in rows:
        rows["advertiser"] = rows["ad"].map(adverts.set_index("ad")["advertiser"])
    for column in contract.columns_of(rows):
        if column.name not in rows:
            rows[column.name] = column.default if column.default is not None else 0
    return rows[[column.name for column in contract.columns_of(rows)]].astype(
        {column.name: DTYPES[column.kind] for column in contract.columns_of(rows)}
    )


def ordered_by(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The rows sorted by their keys."""
    return rows.sort_values(keys, kind="stable", ignore_index=True)
