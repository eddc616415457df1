"""Sensitive attributes are no features: not by name, not as open ones, not through others."""

from functools import cache

from conformance import stages
from conformance.comparing import assert_same, ordered
from conformance.small_world import SmallWorld
from ml.family import Family
from ml.privacy import sensitive
from ml.tables import TABLES

SENSITIVE = {
    table.name: tuple(column.name for column in table.columns if column.sensitive)
    for table in TABLES.values()
}


def no_feature_is_a_sensitive_attribute(family: Family, world: SmallWorld) -> None:
    """By name: neither those the record declares, nor those an open prefix lets in."""
    rows = stages.examples(family, world)
    named = sensitive([*family.model.features, *stages.features(family, rows)])
    told = ", ".join(sorted(set(named)))
    assert not named, (
        f"Expected no sensitive attribute among the features, found the columns {told}."
        " Take it out of ModelRecipe.features, or narrow open_features."
    )


def sensitive_values_change_no_feature(family: Family, world: SmallWorld) -> None:
    """By value: were every listener of another age or gender, all features would be the same."""
    other = otherwise(world)
    for stage in (stages.examples, stages.candidates):
        before, after = (ordered_features(family, stage(family, each)) for each in (world, other))
        what = f"With other ages and genders in LISTENERS, in the {stage.__name__}"
        assert_same(before, after, what)


def ordered_features(family: Family, rows):
    """Who and when, and the features, in one order."""
    named = [name for name in (*family.keys, "moment", "impression") if name in rows]
    wanted = list(dict.fromkeys(["listener", *named, *stages.features(family, rows)]))
    return ordered(rows[[*wanted]])


@cache
def otherwise(world: SmallWorld) -> SmallWorld:
    """The world in which everybody has another age and gender."""
    return world.changed(_otherwise)


def _otherwise(day, name: str, table):
    """Every sensitive value moved on to the next one there is."""
    if not SENSITIVE.get(name):
        return table
    changed = {}
    for column in SENSITIVE[name]:
        values = sorted(table[column].unique())
        following = dict(zip(values, [*values[1:], *values[:1]], strict=True))
        changed[column] = table[column].map(following).astype(table[column].dtype)
    return table.assign(**changed)
