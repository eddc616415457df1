"""The family of docs/add-a-family.md, as the page has it, keeps every rule."""

import importlib
import re
import sys
from pathlib import Path

import pytest
from conformance import RULES
from conformance.small_world import SmallWorld, listening_world

from ml.family import Family

PAGE = Path(__file__).parents[2] / "docs" / "add-a-family.md"


@pytest.fixture(scope="module")
def world() -> SmallWorld:
    return listening_world()


@pytest.fixture(scope="module")
def skips(tmp_path_factory) -> Family:
    """The page's module, where another process finds it as well."""
    text = re.search(r'^```python title="ml/families/skips.py"\n(.*?)^```', PAGE.read_text(),
                     flags=re.M | re.S)[1]  # fmt: skip
    folder = tmp_path_factory.mktemp("documented")
    (folder / "documented_skips.py").write_text(text)
    sys.path.append(str(folder))
    yield importlib.import_module("documented_skips").SKIPS
    sys.path.remove(str(folder))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_documented_family_keeps_the_rule(skips, rule, world):
    rule(skips, world)
