"""A setting that cannot be used is named, with what to do."""

import pytest

from tasks.deployment import Misconfigured, deployment


def test_a_secret_that_is_too_short_is_refused_by_its_name(monkeypatch):
    monkeypatch.setenv("SETLIST_PSEUDONYM_KEY", "secret")
    with pytest.raises(Misconfigured, match=r"SETLIST_PSEUDONYM_KEY .* at least 16 bytes, got 6"):
        deployment()
