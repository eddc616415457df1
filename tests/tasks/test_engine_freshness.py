"""What runs is what the files say, or nothing is built."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.engine import build, distributions
from tasks.engine.errors import CodeChanged

QUIET = {"log_level": "CRITICAL"}

GRAPH = """
from tasks.engine import ArtifactTask
from shed.work import Tool, work


class Work(ArtifactTask):
    isolated = {isolated}

    def recipe(self):
        return work


class Edit(ArtifactTask):
    def recipe(self):
        return edit


class WorkAfterEdit(Work):
    def requires(self):
        return {{"edited": Edit()}}


def edit():
    import pathlib
    path = pathlib.Path("shed/work.py")
    path.write_text(path.read_text().replace("[1]", "[2]"))
    return "edited"
"""

WORK = """
FACTOR = [1]
RATE = 3
CACHE = {}
COUNT = 0


def work(edited=None):
    '''Works.'''
    global COUNT
    COUNT += 1
    CACHE[COUNT] = RATE
    return FACTOR + [Tool().use(), RATE]


class Tool:
    by = 5

    def use(self):
        return self.by * 7


def other():
    return 11
"""


@pytest.fixture(params=[False, True], ids=["here", "isolated"])
def shed(place, request, monkeypatch):
    package = place / "shed"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "graph.py").write_text(GRAPH.format(isolated=request.param))
    (package / "work.py").write_text(WORK)
    monkeypatch.syspath_prepend(str(place))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    forget()
    yield importlib.import_module("shed.graph")
    forget()


def forget():
    for name in [name for name in sys.modules if name.partition(".")[0] == "shed"]:
        del sys.modules[name]
    distributions.find_module.cache_clear()
    distributions.version_of.cache_clear()


def edit(old, new):
    path = Path("shed/work.py")
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


EDITS = {
    "a function": ("return FACTOR +", "return FACTOR + FACTOR +"),
    "a method": ("self.by * 7", "self.by * 9"),
    "a class attribute": ("by = 5", "by = 6"),
    "a constant": ("RATE = 3", "RATE = 4"),
    "a list": ("FACTOR = [1]", "FACTOR = [2]"),
    "a default": ("edited=None", "edited=1"),
}


@pytest.mark.parametrize("old, new", EDITS.values(), ids=EDITS)
def test_code_edited_after_it_was_loaded_is_refused(shed, old, new, caplog):
    edit(old, new)
    assert not build([shed.Work()], **QUIET).succeeded
    assert "run again to use the file as it is" in caplog.text
    assert not list(Path("store").glob("Work/*/*/manifest.json"))


@pytest.mark.parametrize("old, new", EDITS.values(), ids=EDITS)
def test_code_edited_between_two_builds_of_a_process_is_refused(shed, old, new):
    assert build([shed.Work()], **QUIET).succeeded
    edit(old, new)
    assert not build([shed.Work()], **QUIET).succeeded
    edit(new, old)
    assert build([shed.Work()], **QUIET).built == []


@pytest.mark.parametrize(
    "old, new",
    [
        pytest.param("return 11", "return 12", id="another function"),
        pytest.param("'''Works.'''", "'''Toils.'''", id="a docstring"),
        pytest.param("COUNT += 1", "COUNT += 1  # one", id="a comment"),
    ],
)
def test_an_edit_of_what_the_recipe_does_not_reach_is_no_matter(shed, old, new):
    edit(old, new)
    assert len(build([shed.Work()], **QUIET).built) == 1


def test_code_that_changes_its_own_globals_is_not_mistaken_for_edited(shed):
    assert build([shed.Work()], **QUIET).succeeded
    assert build([shed.Work()], **QUIET).built == []


def test_a_constant_assigned_by_other_code_is_refused(shed):
    sys.modules["shed.work"].RATE = 4
    with pytest.raises(CodeChanged, match="RATE"):
        shed.Work().complete()


def test_a_module_loaded_again_is_believed(shed):
    assert build([shed.Work()], **QUIET).succeeded
    edit("RATE = 3", "RATE = 4")
    importlib.reload(sys.modules["shed.work"])
    graph = importlib.reload(shed)
    assert len(build([graph.Work()], **QUIET).built) == 1
    assert graph.Work().output().load()[-1] == 4


def test_code_edited_in_the_middle_of_a_run_never_stands_under_the_new_name(shed):
    assert not build([shed.WorkAfterEdit()], **QUIET).succeeded
    forget()
    fresh = importlib.import_module("shed.graph").WorkAfterEdit()
    assert len(build([fresh], **QUIET).built) == 1
    assert fresh.output().load() == [2, 35, 3]


def test_old_bytecode_that_python_takes_for_new_is_found_out(place):
    package = place / "shed"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "graph.py").write_text(GRAPH.format(isolated=False))
    (package / "work.py").write_text(WORK)
    edited, cached = package / "work.py", package / "__pycache__"
    os.utime(edited, ns=(0, 1_000_000_000_100_000_000))
    assert run(place).returncode == 0
    [bytecode] = cached.glob("work.*.pyc")
    edited.write_text(WORK.replace("FACTOR = [1]", "FACTOR = [2]"))
    os.utime(edited, ns=(0, 1_000_000_000_900_000_000))  # the same second, the same size
    os.utime(bytecode, ns=(0, 1_000_000_000_500_000_000))
    refused = run(place)
    assert refused.returncode != 0 and "the cached bytecode is not what" in refused.stderr
    assert run(place).returncode == 0
    values = [path.read_text().split() for path in place.glob("store/Work/*/*/payload.json")]
    assert sorted(value[1] for value in values) == ["1,", "2,"]


def run(place):
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONPATH": f"{place}{os.pathsep}{root}", "PYTHONDONTWRITEBYTECODE": ""}
    code = (
        "from shed.graph import *; from tasks.engine import build; "
        "raise SystemExit(not build([Work()], log_level='ERROR').succeeded)"
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=place, env=env, capture_output=True, text=True, timeout=60
    )
