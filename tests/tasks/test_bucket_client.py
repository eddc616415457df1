"""The client of the bucket goes where the machine's environment says."""

import pytest

from tasks.engine.bucket import Bucket
from tasks.engine.errors import StoreUnreachable


@pytest.fixture
def elsewhere(gcs, monkeypatch):
    """A bucket on a host that no name server knows; only the test's server leads there."""
    bucket = gcs.new_bucket()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://storage.invalid")
    monkeypatch.setenv("HTTP_PROXY", gcs.address)
    return f"gs://{bucket}/store"


def test_requests_go_through_the_proxy_of_the_environment(elsewhere):
    bucket = Bucket(elsewhere)
    assert bucket.create("a/b.txt", b"through a proxy") is not None
    assert bucket.read("a/b.txt") == b"through a proxy"


def test_but_not_to_a_host_that_is_excepted(elsewhere, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "storage.invalid")
    with pytest.raises(StoreUnreachable, match=r"storage\.invalid"):
        Bucket(elsewhere, deadline=0.5).read("a/b.txt")
