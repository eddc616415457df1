"""A search by real Luigi: killed, gone on with, and the same whoever runs it."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from deployments import ENVIRONMENT

SEARCH = {"family": "ad_targeting", "day": "2026-01-05", "trials": 5}


def setlist(place):
    """The command as a person would start it, in a process group of its own."""
    options = [part for name, value in SEARCH.items() for part in (f"--{name}", str(value))]
    return subprocess.Popen(
        [sys.executable, "-m", "workflows.cli", "run", "search", *options],
        cwd=place.folder, env=os.environ | ENVIRONMENT, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def trials(place):
    return {path.parent.parent.name for path in place.root.glob("TryParameters/*/*/manifest.json")}


@pytest.mark.long
def test_a_search_that_was_killed_goes_on_where_it_ended(night, tmp_path):
    place = night.copied_to(tmp_path / "searching")
    killed = setlist(place)
    while not trials(place):
        assert killed.poll() is None, killed.stdout.read()
        time.sleep(0.05)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    kept = trials(place)
    built = place.build("workflows.search", "ParameterSearch", **SEARCH)
    tried = [one for one in built if one.startswith("TryParameters")]
    assert len(tried) == 5 - len(kept)
    assert not {f"TryParameters {one}" for one in kept} & set(tried)

    label = "ad_targeting.2026-01-05.5"
    first = place.manifest("SearchParameters", label)["digest"]
    shutil.rmtree(place.newest("TryParameters", "ad_targeting.2026-01-05.4").parent)
    shutil.rmtree(place.newest("SearchParameters", label).parent)
    again = setlist(place)
    said = again.communicate()[0]
    assert again.returncode == 0, said
    assert "2 built" in said and "suggestion.txt" in said and "parameters=(" in said
    assert place.manifest("SearchParameters", label)["digest"] == first
