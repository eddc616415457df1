"""The test's side of the server: start it, break it, count what was asked of it."""

import contextlib
import json
import os
import subprocess
import sys
import urllib.request
import uuid
from pathlib import Path

#: Another implementation that the tests are pointed at, if any.
GIVEN = os.environ.get("STORAGE_EMULATOR_HOST")


class Gcs:
    """A running server; ours, or another one that the environment names."""

    def __init__(self, address, is_ours):
        self.address, self.is_ours = address, is_ours

    def new_bucket(self, location="US"):
        """The name of a fresh bucket."""
        from google.cloud import storage

        name = f"setlist-{uuid.uuid4().hex[:12]}"
        storage.Client(project=None).create_bucket(name, project="tests", location=location)
        return name

    def control(self, **asked):
        """Set faults, reset counts; what the server says of itself."""
        request = urllib.request.Request(f"{self.address}/_control", json.dumps(asked).encode())
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    @contextlib.contextmanager
    def broken(self, *rules, seed=1):
        """Break it for a while; yields a dict that says at the end how often each fault hit."""
        hits = {}
        self.control(faults=list(rules), seed=seed)
        try:
            yield hits
        finally:
            hits |= self.control()["hits"]
            self.control(faults=[])

    @contextlib.contextmanager
    def counted(self):
        """Count requests by kind; yields a dict that is filled at the end."""
        counts = {}
        self.control(reset=True)
        yield counts
        counts |= self.control()["counts"]


@contextlib.contextmanager
def serving():
    """A server of our own while the block runs, unless ``STORAGE_EMULATOR_HOST`` names one."""
    if GIVEN:
        yield Gcs(GIVEN, is_ours=False)
        return
    process = subprocess.Popen(
        [sys.executable, "-m", "fake_gcs"], cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE, text=True,
    )
    try:
        address = process.stdout.readline().strip()
        os.environ["STORAGE_EMULATOR_HOST"] = address
        yield Gcs(address, is_ours=True)
    finally:
        os.environ.pop("STORAGE_EMULATOR_HOST", None)
        process.kill()
        process.wait()
