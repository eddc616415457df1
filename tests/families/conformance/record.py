"""The record is true: what it names is there, what it asks for is read and declared."""

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable

from conformance import stages
from conformance.small_world import EVENTS, SmallWorld
from ml.family import Family

TABLES = {*EVENTS, *stages.SNAPSHOTS, "playcounts", "artists"}
KNOWLEDGE = {"day", "history", "pooled", "definitions", "membership", "shared"}
FUNCTIONS = ("summarise", "examples", "candidates")


def what_the_record_names_is_there(family: Family, world: SmallWorld) -> None:
    """Features, slices and keys are columns; a label is a class, a moment lies on its day."""
    built, offered = stages.examples(family, world), stages.candidates(family, world)
    wanted = ("listener", "moment", "label", *family.model.features, *family.slices)
    _assert_columns(wanted, built, "examples")
    _assert_columns((*family.keys, *family.model.features), offered, "candidates")
    assert built["label"].dtype == "int64", (
        f"In column label, expected int64, found {built['label'].dtype}."
    )
    binary = family.model.objective == "binary"
    assert not binary or built["label"].isin([0, 1]).all(), (
        f"In column label, expected 0 and 1, found {sorted(built['label'].unique())[:5]}."
    )
    text = [n for n in family.model.categorical if str(built[n].dtype) != "str"]
    assert not text, f"In column {text[0]}, expected text, as categorical, found numbers."


def what_a_function_asks_for_is_read_and_declared(family: Family, world: SmallWorld) -> None:
    """A table that nobody reads would make a stage run again for nothing."""
    declared = set(family.tables)
    for stage in FUNCTIONS:
        function = getattr(family, stage)
        asked = _asked(function)
        unknown = sorted(asked - TABLES - KNOWLEDGE)
        assert not unknown, f"{stage} asks for {', '.join(unknown)}, which nobody gives it."
        hidden = sorted((asked & TABLES) - declared)
        assert not hidden, (
            f"{stage} asks for {', '.join(hidden)}; expected it in required_tables or "
            f"optional_tables, found only {', '.join(sorted(declared))}."
        )
        idle = sorted(asked - _names(function) - {"day"})
        assert not idle, (
            f"{stage} asks for {', '.join(idle)} and never reads it: a change there would "
            "rebuild what it cannot change."
        )


def _asked(function: Callable) -> set[str]:
    bound = function.keywords if isinstance(function, functools.partial) else {}
    return set(inspect.signature(function).parameters) - set(bound)


def _names(function: Callable) -> set[str]:
    plain = function.func if isinstance(function, functools.partial) else function
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(plain))))
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _assert_columns(wanted: tuple[str, ...], rows, stage: str) -> None:
    missing = [name for name in wanted if name not in rows]
    assert not missing, (
        f"The record names the columns {', '.join(missing)}; expected them in the {stage}, found "
        "no such columns."
    )
