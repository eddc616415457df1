"""The order of rows does not matter: a log that arrives otherwise sorted says the same."""

from functools import cache

from conformance import stages
from conformance.comparing import assert_same, ordered, surviving
from conformance.small_world import SmallWorld
from ml.family import Family


def the_order_of_rows_does_not_matter(family: Family, world: SmallWorld) -> None:
    """Shuffled tables give equal summaries, and examples and candidates equal but for order."""
    mixed = shuffled(world)
    with surviving("When rows come in another order"):
        again = stages.summary(family, mixed, world.day)
        built = stages.examples(family, mixed)
        offered = stages.candidates(family, mixed)
    for name, partial in stages.summary(family, world, world.day).items():
        assert_same(partial, again[name], f"When rows come in another order, in the summary {name}")
    what = "When rows come in another order, in the {}"
    assert_same(
        ordered(stages.examples(family, world)), ordered(built), what.format("examples")
    )
    assert_same(
        ordered(stages.candidates(family, world)), ordered(offered), what.format("candidates")
    )


@cache
def shuffled(world: SmallWorld) -> SmallWorld:
    """The world with the rows of every table in another order."""
    return world.changed(lambda day, name, table: table.sample(frac=1.0, random_state=day.day))
