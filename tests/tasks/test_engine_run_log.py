"""The record of a run: what one process wrote, another finds, however often it looked before."""

import pytest

from tasks.engine import runs
from tasks.engine.runs import Outcome, RunLog


def outcome(what="built", key="a1", task_id="Harvest_3"):
    return Outcome(task_id, "Harvest", "roots.3", key, what)


@pytest.fixture
def logs(tmp_path):
    """Two processes' looks at one folder of records."""
    return RunLog(tmp_path), RunLog(tmp_path)


def test_what_another_wrote_is_found_also_after_a_look_in_vain(logs):
    writer, reader = logs
    assert reader.built("Harvest_3") is None
    writer.write(outcome())
    assert reader.built("Harvest_3") == ("Harvest", "roots.3", "a1")


def test_a_failure_that_was_mended_since_counts_as_built(logs):
    writer, reader = logs
    writer.write(outcome("failed"))
    assert reader.built("Harvest_3") is None
    writer.write(outcome("built"))
    assert reader.built("Harvest_3") == ("Harvest", "roots.3", "a1")


def test_a_line_seen_half_written_is_read_again(logs):
    writer, reader = logs
    writer.write(outcome())
    whole = writer.path().read_bytes()
    writer.path().write_bytes(whole[:-9])
    assert reader.built("Harvest_3") is None
    writer.path().write_bytes(whole)
    assert reader.built("Harvest_3") == ("Harvest", "roots.3", "a1")


def test_another_run_knows_nothing_of_the_first(logs):
    writer, reader = logs
    writer.write(outcome())
    assert reader.built("Harvest_3") is not None
    runs.begin()
    assert reader.built("Harvest_3") is None
    writer.write(outcome(key="b2"))
    assert reader.built("Harvest_3") == ("Harvest", "roots.3", "b2")


def test_a_record_that_was_removed_is_forgotten(logs):
    writer, reader = logs
    for number in range(3):
        writer.write(outcome(task_id=f"Harvest_{number}"))
    assert reader.built("Harvest_1") is not None
    writer.path().unlink()
    writer.write(outcome(key="b2"))
    assert reader.built("Harvest_3") == ("Harvest", "roots.3", "b2")
