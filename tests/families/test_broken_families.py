"""A rule that catches nothing is no rule: each catches the families broken against it."""

import pytest
from broken import BROKEN
from conformance import RULES
from conformance.small_world import SmallWorld, listening_world


@pytest.fixture(scope="module")
def world() -> SmallWorld:
    return listening_world()


@pytest.mark.parametrize("fault", BROKEN)
def test_the_rule_catches_the_broken_family_and_says_what_is_wrong(fault, world):
    rule, family, words = BROKEN[fault]
    with pytest.raises(AssertionError) as found:
        rule(family, world)
    assert words in str(found.value)


def test_every_rule_has_a_family_broken_against_it():
    assert {rule for rule, _, _ in BROKEN.values()} == set(RULES)
