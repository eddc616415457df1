"""The memory in a manifest is what that artifact took, not what its process took before."""

import os

import luigi
import pytest

from tasks.engine import ArtifactTask, build, why

pytestmark = pytest.mark.usefixtures("place")

MEBIBYTE = 1 << 20


class Filled(ArtifactTask):
    """Fills so many mebibytes, and leaves none of them."""

    mebibytes = luigi.IntParameter()

    def recipe(self):
        return {1: fill_little, 300: fill_much}[self.mebibytes]


def fill_little():
    return len(bytearray(os.urandom(MEBIBYTE)))


def fill_much():
    return len(b"x" * (300 * MEBIBYTE))


def test_a_small_artifact_after_a_large_one_is_small():
    tasks = [Filled(mebibytes=300), Filled(mebibytes=1)]
    for task in tasks:
        assert build([task], log_level="CRITICAL").succeeded
    large, small = (why(task)[0].peak_memory_bytes for task in tasks)
    assert large - small > 250 * MEBIBYTE
