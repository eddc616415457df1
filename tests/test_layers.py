"""Imports run one way: workflows say when, tasks say what needs what, ml says how."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGINE = Path("tasks/engine")


def modules(folder):
    return [path.relative_to(ROOT) for path in sorted((ROOT / folder).rglob("*.py"))]


def imported(path):
    """Every module a file imports anywhere, also inside functions, with the names taken from it."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relative to itself: say the whole name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importing(package, folders=("ml", "tasks", "workflows")):
    """The files that import a package or something in it."""
    within = f"{package}."
    files = [path for folder in folders for path in modules(folder)]
    return [path for path in files if any(f"{name}.".startswith(within) for name in imported(path))]


@pytest.mark.parametrize(
    "lower, above", [("ml", "tasks"), ("ml", "workflows"), ("tasks", "workflows")]
)
def test_no_layer_knows_the_one_above_it(lower, above):
    assert importing(above, folders=[lower]) == []


@pytest.mark.parametrize("package", ["ml", "tasks", "workflows"])
def test_the_engine_knows_nothing_of_this_product(package):
    own = [name for path in modules(ENGINE) for name in imported(path)
           if f"{name}.".startswith(f"{package}.")]  # fmt: skip
    assert [name for name in own if not name.startswith(("tasks.engine", "tasks.nursery"))] == []


def test_the_nursery_knows_only_the_standard_library():
    """It may have begun where other settings hold than those of whoever asks."""
    names = {name for path in modules("tasks/nursery") for name in imported(path)}
    others = {name for name in names if name.partition(".")[0] not in sys.stdlib_module_names}
    assert [name for name in others if not name.startswith("tasks.nursery")] == []


def test_luigi_and_mlflow_never_appear_under_ml():
    assert importing("luigi", ["ml"]) == importing("mlflow", ["ml"]) == []


def test_the_registry_is_the_only_place_that_knows_mlflow():
    assert {path.parent for path in importing("mlflow")} == {ENGINE / "registry"}


def test_at_most_one_file_knows_the_bucket():
    found = importing("google")
    assert len(found) <= 1 and all(path.parent == ENGINE for path in found)


@pytest.mark.parametrize("package", ["pickle", "cloudpickle", "dill", "joblib", "shelve"])
def test_nothing_is_pickled(package):
    assert importing(package) == []
    texts = {path: (ROOT / path).read_text() for folder in ("ml", "tasks", "workflows")
             for path in modules(folder)}  # fmt: skip
    said = [path for path, text in texts.items() if "allow_pickle=True" in text]
    assert said == [] and not any("to_pickle" in text for text in texts.values())


def test_a_pure_function_has_no_clock_and_no_luck_of_its_own():
    clocks, luck = ("time.time", ".now", ".today", ".utcnow"), ("random.", "np.random.seed")
    for path in modules("ml"):
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert not called.endswith(clocks), f"{path} asks the clock: {called}"
                assert not called.startswith(luck), f"{path} draws by itself: {called}"


def test_an_import_the_wrong_way_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "ml").mkdir()
    (tmp_path / "ml" / "wrong.py").write_text("def f():\n    from tasks.engine import runs\n")
    assert importing("tasks", ["ml"]) == [Path("ml/wrong.py")]
