"""What a family's functions ask for: a table nobody reads would rebuild what it cannot change."""

import ast
import inspect
import textwrap
from functools import partial

import pytest

from ml.families import FAMILIES

TABLES = {"listens", "impressions", "outcomes", "tracks", "campaigns", "listeners", "consent"}
KNOWLEDGE = {"day", "history", "pooled", "definitions", "shared"}
BOUND = {"kinds", "days", "audible"}


def unbound(function):
    """A function without the values a family bound to it."""
    return function.func if isinstance(function, partial) else function


FUNCTIONS = [
    pytest.param(spec, unbound(getattr(spec, stage)), id=f"{spec.name} {stage}")
    for spec in FAMILIES.values()
    for stage in ("summarise", "examples", "candidates")
]


@pytest.mark.parametrize("spec, function", FUNCTIONS)
def test_a_function_reads_every_input_it_asks_for(spec, function):
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    asked = set(inspect.signature(function).parameters) - BOUND
    assert asked <= read | {"day"} and asked <= TABLES | KNOWLEDGE


@pytest.mark.parametrize("spec, function", FUNCTIONS)
def test_only_tables_the_family_declares_are_asked_for(spec, function):
    asked = TABLES & set(inspect.signature(function).parameters)
    assert asked <= {*spec.required_tables, *spec.optional_tables}
