"""A machine that cannot write: the run fails and says why, nothing is half there, all is mended."""

import functools
import resource

import luigi
import pytest
from luigi import configuration

from tasks.engine import ArtifactTask, build, workshop

QUIET = {"log_level": "CRITICAL"}


class Heap(ArtifactTask):
    size = luigi.IntParameter()

    def recipe(self):
        return functools.partial(pile, size=self.size)


def pile(size):
    return {"heap.bin": b"x" * size, "label.txt": f"{size} bytes"}


@pytest.fixture(params=["folder", "bucket"])
def root(request, place):
    """A store of either kind that is looked at afresh."""
    if request.param == "bucket":
        url = f"gs://{request.getfixturevalue('any_gcs').new_bucket()}"
        configuration.get_config().set("engine", "root", url)
    workshop._workshops.clear()
    return place


@pytest.fixture
def small_disk():
    """No file of this process may grow beyond 100,000 bytes: writing more fails, for real."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before)
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_payload_that_does_not_fit_leaves_nothing_and_is_built_when_there_is_room(
    root, small_disk
):
    [failure] = build([Heap(size=200_000)], **QUIET).failed
    assert failure.message == "OSError: [Errno 27] File too large"
    store = workshop.workshop().store
    assert store.labels("Heap") == [] and store.newest("Heap", Heap(size=200_000).label()) is None
    assert not list(root.rglob("_staging/*"))
    small_disk()
    assert build([Heap(size=200_000)], **QUIET).succeeded
    assert Heap(size=200_000).output().load()["heap.bin"] == b"x" * 200_000


def test_what_fits_is_built_beside_what_does_not(root, small_disk):
    summary = build([Heap(size=200_000), Heap(size=10)], **QUIET)
    assert [one.label for one in summary.built] == [Heap(size=10).label()]
    assert [one.label for one in summary.failed] == [Heap(size=200_000).label()]
    assert Heap(size=10).output().load()["label.txt"] == "10 bytes"
