"""Bound values: two that differ never look alike, and equal ones always do."""

import collections
import datetime as dt
import decimal
import enum
import functools
import itertools
import pathlib
import subprocess
import sys
import types
import typing
import uuid
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from tasks.engine.errors import RecipeError
from tasks.engine.identity import digest_of, flatten
from tasks.engine.reach import Reader
from tasks.engine.recipe import Cook


class Kind(enum.Enum):
    ONE = 1
    TWO = 2


class Number(enum.IntEnum):
    ONE = 1


@dataclass(frozen=True)
class Point:
    x: object


@dataclass(frozen=True)
class Place:
    x: object


class Pair(typing.NamedTuple):
    a: object
    b: object


class Text(str):
    pass


class Own:
    """An object that says itself what it is."""

    def __init__(self, says):
        self.says = says

    def __fingerprint__(self):
        return self.says


class Opaque:
    pass


def fit(**values):
    return values


def identity(value):
    cook = Cook(Reader(("test_engine_identity",)))
    return cook.describe(functools.partial(fit, value=value)).digest


#: No two of these may share an identity, whatever Python's ``==`` says of them.
DIFFERENT = [
    None, True, False, 0, 1, 1.0, -1, -0.0, 0.0, "1", "True", "None", "", b"1", b"", 1j, ...,
    float("nan"), float("inf"), float("-inf"), 2**70, 1e300,
    [], (), {}, set(), frozenset(), [1], (1,), {1}, {"1"}, frozenset({1}), [1, 2], [2, 1], [[1], 2],
    [1, [2]], ["1, 2"], ["1", "2"], ["12"], [None], [[]], range(2), range(0, 2, 2),
    {"a": 1}, {"b": 1}, {"a": "1"}, {"a": True}, {1: "a"}, {"1": "a"}, {True: "a"}, {1.0: "a"},
    {"a": {"b": 1}}, {"a.b": 1}, {"a": {}, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 1},
    {(1, 2): 3}, {("1", 2): 3}, {None: 1}, {"None": 1}, {"a[0]": 1}, {"a": [1]}, {"a": (1,)},
    collections.OrderedDict(a=1), types.MappingProxyType({"a": 1}), Pair(1, 2), (1, 2),
    dt.date(2026, 1, 5), dt.datetime(2026, 1, 5), "2026-01-05", dt.time(1), dt.timedelta(1),
    dt.datetime(2026, 1, 5, tzinfo=dt.UTC), dt.datetime(2026, 1, 5, 0, 0, 0, 1),
    pd.Timestamp("2026-01-05"), decimal.Decimal("1"), decimal.Decimal("1.0"), uuid.UUID(int=1),
    Kind.ONE, Kind.TWO, Number.ONE, Kind, Point, Point(1), Point("1"), Point(Point(1)), Place(1),
    Text("1"), Own("1"), Own("2"), np.float64(1), np.float32(1), np.int64(1), np.int32(1),
    np.bool_(True), np.array([1]), np.array([1.0]), np.array([[1]]), np.array(["1"]), np.array(1),
    len, max, np.mean, np.add, fit, identity, functools.partial(fit, a=1),
    functools.partial(fit, a=2), functools.partial(fit, 1),
    functools.partial(identity, a=1), "a".upper, "b".upper, "a".lower,
    Own("1").__fingerprint__, dict.fromkeys, dict, list,
]  # fmt: skip


def test_values_that_differ_in_type_or_content_never_share_an_identity():
    known = {}
    for value in DIFFERENT:
        digest = identity(value)
        assert digest not in known, f"{value!r} and {known[digest]!r} look alike"
        known[digest] = value


def test_values_that_are_equal_share_an_identity():
    def make():
        return [1.5, {"a": [1, (2, b"3")]}, {3, 1, 2}, Point(Kind.TWO), dt.date(2026, 1, 5),
                functools.partial(fit, a=1), np.arange(3), {Point(1): fit}]  # fmt: skip

    for one, other in zip(make(), make(), strict=True):
        assert identity(one) == identity(other)
    assert identity({"x", "y", "z"}) == identity({"z", "y", "x"})
    assert identity(np.arange(6).reshape(2, 3).T) == identity(np.array([[0, 3], [1, 4], [2, 5]]))


def test_a_value_bound_under_another_name_is_another_recipe():
    cook = Cook(Reader(("test_engine_identity",)))
    names = [{"a": 1, "b": 2}, {"a": 2, "b": 1}, {"a": 1}, {"b": 1}, {"a.b": 1}, {"a": {"b": 1}}]
    digests = [cook.describe(functools.partial(fit, **values)).digest for values in names]
    assert len(set(digests)) == len(names)


def test_an_identity_is_the_same_in_every_process():
    code = (
        "import test_engine_identity as t; "
        "values = {'s': {'x', 'y', 'z'}, 'f': frozenset({1, 2.5, 'a'}), 'p': t.Point(1)}; "
        "print(t.identity(values))"
    )
    folder = pathlib.Path(__file__).parent
    seen = set()
    for seed in ("1", "2"):
        env = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(folder.parents[1])}
        command = [sys.executable, "-c", code]
        seen.add(subprocess.check_output(command, text=True, cwd=folder, env=env))
    assert len(seen) == 1


@pytest.mark.parametrize(
    "value, says",
    [
        (pathlib.Path("data/x.csv"), "is a path"),
        (pd.DataFrame({"a": [1]}), "DataFrame"),
        (pd.Series([1]), "Series"),
        (Opaque(), "Opaque"),
        (Point(Opaque()), "Opaque"),
        ({"deep": [{"er": Opaque()}]}, "value.deep[0].er"),
        ({Opaque(): 1}, "Opaque"),
        (np.array([Opaque()]), "ndarray"),
        (np.array([(1, "a")], dtype=[("n", int), ("o", object)]), "ndarray"),
        (lambda: 1, "lambda"),
        (iter([1]), "list_iterator"),
        (open, None),
        (sys, "module"),
        ((number for number in [1]), "generator"),
        (itertools.count(), "count"),
    ],
)
def test_a_value_whose_identity_cannot_be_known_is_refused_by_name(value, says):
    if says is None:
        assert identity(value)
        return
    with pytest.raises(RecipeError) as refusal:
        identity(value)
    assert says in str(refusal.value)


class Task:
    def recipe(self):
        def inner():
            return 2

        return inner


def test_a_function_defined_in_a_method_is_refused():
    with pytest.raises(RecipeError, match="no name by which it could be recognised"):
        identity(Task().recipe())


def test_what_the_engine_itself_does_is_no_part_of_a_recipe():
    cook = Cook(Reader(("tasks", "test_engine_identity")))
    described = cook.describe(functools.partial(fit, value=Cook))
    assert list(described.code) == ["test_engine_identity:fit"]


def test_the_parts_of_a_value_are_told_by_path():
    told = dict(flatten({"a": [1, {"b": "x"}], 3: None}, "v", lambda code, path: None))
    assert told == {
        "v": "dict of 2", "v.a": "list of 2", "v.a[0]": "int 1", "v.a[1]": "dict of 1",
        "v.a[1].b": "str x", "v.keys[1]": "int 3", "v[3]": "NoneType None",
    }  # fmt: skip


def test_texts_never_run_together_in_a_hash():
    splits = [["ab", "c"], ["a", "bc"], ["abc"], ["", "abc"], ["abc", ""], ["1:a", "b"], ["1:a1:b"]]
    assert len({digest_of(texts) for texts in splits}) == len(splits)
    assert digest_of(["\ud800"]) != digest_of(["?"])
