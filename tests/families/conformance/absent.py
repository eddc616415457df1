"""Tables a source lacks: an optional one costs its features, a required one is asked for."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from conformance import stages
from conformance.comparing import assert_same_dtypes, surviving
from conformance.small_world import SmallWorld
from ml.family import Family
from ml.privacy import PseudonymKey
from ml.sources import SOURCES
from ml.tables import TABLES
from ml.world import World
from tasks.deployment import Deployment
from tasks.engine.configured import Misconfigured
from tasks.feasible import require_tables


def a_missing_optional_table_costs_only_its_features(family: Family, world: SmallWorld) -> None:
    """Without each optional table, and without all, the same features are there, some missing."""
    asked = [name for name in family.optional_tables if stages.reads(family, name)]
    for absent in [*([name] for name in asked), asked]:
        if not absent:
            continue
        what = f"From a source without {', '.join(absent)}"
        bare = world.without(*absent)
        with surviving(what):
            built, offered = stages.examples(family, bare), stages.candidates(family, bare)
        assert len(built) > 0, f"{what}, expected examples all the same, found none."
        whole = stages.examples(family, world)
        assert_features_there(family, whole, built, f"{what}, in the examples")
        assert_features_there(
            family, stages.candidates(family, world), offered, f"{what}, in the candidates"
        )


def a_missing_required_table_is_named_in_words(family: Family, world: SmallWorld) -> None:
    """A source without a required table, or kind of outcome, is refused and told which one."""
    unknown = [name for name in family.required_tables if name not in TABLES]
    assert not unknown, (
        f"required_tables names {', '.join(unknown)}; expected tables of ml/tables.py, which are "
        f"{', '.join(TABLES)}."
    )
    needed = [(name,) for name in (*family.required_tables, *family.required_outcomes)]
    for absent in [*needed, *([family.one_of] if family.one_of else [])]:
        said = _refusal(family, absent)
        assert all(name in said for name in (*absent, family.name)), (
            f"From a source without {' and '.join(absent)}, expected a refusal that names "
            f"{family.name} and {' and '.join(absent)}, found {said!r}."
        )


def assert_features_there(
    family: Family, whole: pd.DataFrame, bare: pd.DataFrame, what: str
) -> None:
    """Fail when a declared feature that was there is there no more, or in another dtype."""
    names = [name for name in family.model.features if name in whole]
    gone = [name for name in names if name not in bare]
    assert not gone, (
        f"{what}: expected the column {gone[0]} with missing values, found no such column "
        f"({len(gone)} in all). A model trained elsewhere could not be told from this one."
    )
    assert_same_dtypes(whole[names], bare[names], what)


def _refusal(family: Family, absent: tuple[str, ...]) -> str:
    """What a source without these tables or outcomes is told; "" when it is told nothing."""
    source = SOURCES["world"]
    lacking = replace(
        source,
        daily=tuple(name for name in source.daily if name not in absent),
        snapshots=tuple(name for name in source.snapshots if name not in absent),
        kinds=tuple(kind for kind in source.kinds if kind not in absent),
    )
    key = PseudonymKey(b"known to the tests alone")
    here = Deployment(lacking, Path(), 1, key, World(), 1, "", Path())
    try:
        require_tables(family, here)
    except Misconfigured as refusal:
        return str(refusal)
    return ""
