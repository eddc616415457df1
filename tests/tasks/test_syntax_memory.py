"""What was read of a source file is kept, used for the same bytes alone, and may be lost."""

import json
from pathlib import Path

import pytest

from tasks.engine import distributions
from tasks.engine.reach import Reader
from tasks.engine.syntax_memory import SyntaxMemory

SOURCE = """
import json

LIMIT = 3


def inner(x):
    from json import loads
    return loads(x)[LIMIT]


def outer(x):
    return inner(x)
"""


@pytest.fixture
def garden(tmp_path, monkeypatch):
    """A package of one module, which is never imported."""
    (tmp_path / "bed").mkdir()
    (tmp_path / "bed" / "__init__.py").write_text("")
    (tmp_path / "bed" / "plan.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    distributions.find_module.cache_clear()
    return tmp_path


def reached(memory):
    return Reader(("bed",), memory).reach([("bed.plan", "outer")])


def kept(folder):
    return SyntaxMemory(folder / "_code.json")


def test_what_was_read_is_kept_and_the_same_is_found_from_it(garden):
    memory = kept(garden)
    first = reached(memory)
    memory.save()
    [told] = json.loads(Path(garden / "_code.json").read_text())["files"].values()
    assert set(told["definitions"]) == {"LIMIT", "inner", "outer"}
    assert reached(kept(garden)) == first == reached(SyntaxMemory())


def test_another_source_is_read_anew(garden):
    memory = kept(garden)
    first = reached(memory)
    memory.save()
    (garden / "bed" / "plan.py").write_text(SOURCE.replace("LIMIT = 3", "LIMIT = 4"))
    second = reached(kept(garden))
    differing = {name for name in first.code if first.code[name] != second.code[name]}
    assert differing == {"bed.plan:LIMIT"}


@pytest.mark.parametrize("damage", ["", "torn {", "[]", '{"files": 3}', '{"reading": "older"}'])
def test_a_memory_that_is_lost_or_damaged_or_anothers_is_not_used(garden, damage):
    first = reached(SyntaxMemory())
    (garden / "_code.json").write_text(damage)
    assert reached(kept(garden)) == first


def test_a_store_that_cannot_be_written_keeps_nothing_and_fails_nothing(garden):
    memory = SyntaxMemory(garden / "nowhere" / "_code.json")
    reached(memory)
    memory.save()
    assert not (garden / "nowhere").exists()
