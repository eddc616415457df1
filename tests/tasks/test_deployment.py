"""A setting that cannot be used is named, with what to do."""

import pytest
from luigi import configuration

from tasks.deployment import deployment
from tasks.engine.configured import Misconfigured


def test_a_secret_that_is_too_short_is_refused_by_its_name(monkeypatch):
    monkeypatch.setenv("SETLIST_PSEUDONYM_KEY", "secret")
    with pytest.raises(Misconfigured, match=r"SETLIST_PSEUDONYM_KEY .* at least 16 bytes, got 6"):
        deployment()


@pytest.mark.parametrize("section, name, text, expected", [
    ("setlist", "shards", "two", "a whole number"),
    ("engine", "lease_seconds", "1 minute", "a number"),
    ("engine", "retry_seconds", "5, soon", "numbers with spaces between them"),
])  # fmt: skip
def test_a_value_of_another_type_is_refused_with_what_was_expected(section, name, text, expected):
    config = configuration.get_config()
    before = config.get(section, name, "")
    config.set(section, name, text)
    try:
        with pytest.raises(Misconfigured, match=rf"\[{section}\] {name} is '{text}'.*{expected}"):
            deployment()
    finally:
        config.set(section, name, before)


def test_an_empty_value_is_as_good_as_none():
    config = configuration.get_config()
    config.set("setlist", "shards", "")
    try:
        assert deployment().shards == 1
    finally:
        config.remove_option("setlist", "shards")
