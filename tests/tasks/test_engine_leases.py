"""Leases: one builds, the others wait; whoever dies or stands still holds nobody up."""

import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from tasks.engine.lease import Lease

KEY = "0123456789abcdef0123456789abcdef"
forked = multiprocessing.get_context("fork")


def never():
    return None


def hold(folder, ready, seconds=60.0, work=60.0):
    """Hold a lease for a while, in a process of its own."""
    with Lease(folder, KEY, seconds).held_unless(never):
        ready.set()
        time.sleep(work)


@pytest.fixture
def holder(tmp_path):
    """Starts a process that holds the lease; it is gone after the test."""
    started = []

    def start(**options):
        ready = forked.Event()
        process = forked.Process(target=hold, args=(tmp_path, ready), kwargs=options)
        process.start()
        assert ready.wait(10)
        started.append(process)
        return process

    yield start
    for process in started:
        os.kill(process.pid, signal.SIGCONT)
        process.kill()
        process.join()


def waited(folder, done=never, seconds=60.0):
    """What a second asker gets, and how long it waited."""
    began = time.monotonic()
    with Lease(folder, KEY, seconds).held_unless(done) as found:
        return found, time.monotonic() - began


def test_a_free_lease_is_had_at_once_and_given_back(tmp_path):
    for _ in range(3):
        assert waited(tmp_path) == (None, pytest.approx(0, abs=0.5))
    assert [path.name for path in tmp_path.iterdir()] == ["locks"]


def test_a_lease_is_given_back_when_the_work_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), Lease(tmp_path, KEY, 60).held_unless(never):
        raise ZeroDivisionError
    assert waited(tmp_path)[1] < 0.5


def test_another_key_is_another_lease(tmp_path, holder):
    holder()
    with Lease(tmp_path, KEY[::-1], 60).held_unless(never) as found:
        assert found is None


def test_whoever_waits_takes_the_result_when_it_is_there(tmp_path, holder):
    holder()
    looks = iter([None, None, "the result"])
    found, seconds = waited(tmp_path, lambda: next(looks))
    assert found == "the result" and seconds < 5


def test_a_killed_holder_holds_nobody_up(tmp_path, holder):
    process = holder()
    threading.Timer(0.3, process.kill).start()
    _, seconds = waited(tmp_path)
    assert 0.2 < seconds < 5


def test_a_holder_that_works_is_waited_for_however_long(tmp_path, holder):
    holder(seconds=0.4, work=2.0)
    _, seconds = waited(tmp_path, seconds=0.4)
    assert seconds > 1.5


def test_a_holder_that_stands_still_is_passed_by(tmp_path, holder):
    process = holder(seconds=0.5)
    os.kill(process.pid, signal.SIGSTOP)
    found, seconds = waited(tmp_path, seconds=0.5)
    assert found is None and 0.4 < seconds < 5


def test_a_short_lease_beats_beside_a_long_one(tmp_path):
    short = Lease(tmp_path, KEY[::-1], 0.2)
    with Lease(tmp_path, KEY, 60).held_unless(never), short.held_unless(never):
        time.sleep(0.6)
        assert short.beat.exists()


def test_a_process_forked_while_a_lease_is_held_does_not_share_or_drop_it(tmp_path):
    with Lease(tmp_path, KEY, 60).held_unless(never):
        ready = forked.Event()
        child = forked.Process(target=hold, args=(tmp_path, ready), kwargs={"work": 0})
        child.start()
        assert not ready.wait(0.5), "the child had the lease, too"
    assert ready.wait(5)
    child.join()


def test_two_threads_of_a_process_take_turns(tmp_path):
    inside, most = [], []

    def work():
        with Lease(tmp_path, KEY, 60).held_unless(never):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.05)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]


def count(folder, times):
    """Read a number, wait, write it back one higher: wrong if two do it at once."""
    number = Path(folder, "number")
    for _ in range(times):
        with Lease(folder, KEY, 60).held_unless(never):
            known = int(number.read_text())
            time.sleep(0.002)
            number.write_text(str(known + 1))


def test_many_processes_never_hold_a_lease_at_once(tmp_path):
    (tmp_path / "number").write_text("0")
    processes = [forked.Process(target=count, args=(tmp_path, 8)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert (tmp_path / "number").read_text() == "32"
