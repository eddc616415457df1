"""The torture suite, bounded: kills, faults and damage at random, on both stores.

``make torture`` does the same for longer.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fake_gcs.client import GIVEN
from processes import Process
from torture import said

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]


@pytest.mark.parametrize("store, kills, seed", [("folder", 10, 3), ("bucket", 4, 5)])
def test_nothing_that_happens_to_a_store_makes_it_wrong(
    tmp_path, record_property, store, kills, seed
):
    figures = tortured(tmp_path, store, kills, seed)
    record_property("figures", f"torture of a {store}: {said(figures)}")
    assert figures["kills"] >= kills and figures["artifacts"] > 10
    assert store == "folder" or GIVEN or figures["faults"] > 30
    for name in ("wrong", "twice", "needed a hand"):
        assert figures.get(name, 0) == 0, figures


def tortured(folder, store, kills, seed):
    """The figures of a torture in a fresh interpreter, from which engines are forked."""
    program = ("import json, sys; from torture import torture; "
               "print(json.dumps(torture(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))))")
    path = os.pathsep.join(map(str, (HERE, HERE.parent, REPOSITORY)))
    inherited = {**os.environ, "STORAGE_EMULATOR_HOST": GIVEN or ""}  # a server of its own
    done = subprocess.run(
        [sys.executable, "-c", program, store, str(folder), str(kills), str(seed)],
        env=inherited | {"PYTHONPATH": path}, cwd=folder, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_process_that_was_killed_says_nothing_and_one_that_was_not_says_it_all():
    process = Process(lambda: {"said": "x" * 100_000})
    assert process.answer() == {"said": "x" * 100_000}
    process = Process(lambda: signal.pause())
    process.kill()
    assert process.answer() is None
