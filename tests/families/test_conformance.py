"""Every family keeps every rule of the conformance kit."""

import pytest
from conformance import RULES
from conformance.small_world import SmallWorld, listening_world

from ml.families import FAMILIES


@pytest.fixture(scope="session")
def world() -> SmallWorld:
    return listening_world()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.name)
def test_the_family_keeps_the_rule(family, rule, world):
    rule(family, world)
