"""Leases between machines: one builds; whoever dies, stands still or has another clock is passed.

A machine is a folder of locks of its own; what machines share is the bucket alone.
"""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest
from store_places import ADDRESS, KEY, BucketPlace, commit, settings

from tasks.engine.bucket import Bucket
from tasks.engine.bucket_lease import BucketLease
from tasks.engine.store import open_store

forked = multiprocessing.get_context("fork")
LEASE = f"_leases/{KEY}"


def never():
    return None


def hold(url, folder, ready, seconds=60.0, work=60.0, skew=0.0):
    """Hold a lease for a while, in a process of its own, with a clock that is wrong."""
    now = time.time
    time.time = lambda: now() + skew
    with BucketLease(Bucket(url), folder, KEY, seconds).held_unless(never):
        ready.set()
        time.sleep(work)


@pytest.fixture
def bucket(any_gcs):
    return Bucket(f"gs://{any_gcs.new_bucket()}/some/prefix")


@pytest.fixture
def holder(bucket, tmp_path):
    """Starts a process that holds the lease; it is gone after the test."""
    started = []

    def start(machine="one", **options):
        ready = forked.Event()
        where = bucket.url, tmp_path / machine, ready
        process = forked.Process(target=hold, args=where, kwargs=options)
        process.start()
        assert ready.wait(10)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.is_alive():
            os.kill(process.pid, signal.SIGCONT)
        process.kill()
        process.join()


def waited(bucket, folder, done=never, seconds=60.0):
    """What a second asker gets, and how long it waited."""
    began = time.monotonic()
    with BucketLease(bucket, folder, KEY, seconds).held_unless(done) as found:
        return found, time.monotonic() - began


def test_a_free_lease_is_had_at_once_and_given_back(bucket, tmp_path):
    for machine in ("one", "two", "one"):
        assert waited(bucket, tmp_path / machine) == (None, pytest.approx(0, abs=1.5))
    assert list(bucket.list()) == []


def test_a_lease_is_given_back_when_the_work_fails(bucket, tmp_path):
    lease = BucketLease(bucket, tmp_path / "one", KEY, 60)
    with pytest.raises(ZeroDivisionError), lease.held_unless(never):
        assert bucket.stat(LEASE).metadata["host"]
        raise ZeroDivisionError
    assert waited(bucket, tmp_path / "two")[1] < 1.5


@pytest.mark.parametrize("machine", ["one", "two"])
def test_whoever_waits_takes_the_result_when_it_is_there(bucket, tmp_path, holder, machine):
    holder()
    looks = iter([None, None, "the result"])
    found, seconds = waited(bucket, tmp_path / machine, lambda: next(looks))
    assert found == "the result" and seconds < 5


def test_a_holder_that_was_killed_is_passed_at_once_on_its_own_machine(bucket, tmp_path, holder):
    process = holder()
    process.kill()
    process.join()
    assert bucket.stat(LEASE) is not None
    assert waited(bucket, tmp_path / "one")[1] < 2


@pytest.mark.parametrize("skew", [-60.0, 0.0, 60.0])
def test_a_holder_that_was_killed_elsewhere_is_passed_when_its_lease_stood_still(
    bucket, tmp_path, holder, skew
):
    process = holder(seconds=1.0, skew=skew)
    process.kill()
    _, seconds = waited(bucket, tmp_path / "two", seconds=1.0)
    assert 0.8 < seconds < 6


@pytest.mark.parametrize("skew", [-60.0, 60.0])
def test_a_holder_that_works_is_waited_for_whatever_its_clock_says(
    bucket, tmp_path, holder, skew
):
    holder(seconds=0.8, work=2.5, skew=skew)
    _, seconds = waited(bucket, tmp_path / "two", seconds=0.8)
    assert seconds > 2.0


def slow_build(url, folder, ready, value):
    """Build under a lease, and take so long that another machine takes it over."""
    store = open_store(settings(folder, bucket=url))
    with store.lease(KEY, 0.6).held_unless(lambda: store.find(ADDRESS)) as found:
        ready.set()
        if found is None:
            time.sleep(0.4)
            commit(store, value)


def test_a_holder_paused_past_its_lease_does_not_commit_over_who_took_it(any_gcs, tmp_path):
    place = BucketPlace(tmp_path, any_gcs)
    ready = forked.Event()
    paused = forked.Process(target=slow_build,
                            args=(place.bucket.url, tmp_path / "one", ready, {"by": "paused"}))
    paused.start()
    assert ready.wait(10)
    os.kill(paused.pid, signal.SIGSTOP)
    newer = place.machine()
    with newer.lease(KEY, 0.6).held_unless(lambda: newer.find(ADDRESS)) as found:
        assert found is None
        mine = commit(newer, {"by": "newer"})
        before = place.bucket.stat(LEASE).generation
        os.kill(paused.pid, signal.SIGCONT)
        paused.join(10)
        lease = place.bucket.stat(LEASE)
        assert lease is not None and lease.generation >= before, "it gave back another's lease"
    assert paused.exitcode == 0
    third = place.machine()
    assert third.find(ADDRESS).digest == mine.digest
    assert third.read(third.find(ADDRESS)) == {"by": "newer"}
    assert place.bucket.stat(LEASE) is None


def count(url, folder, number, times):
    """Read a number, wait, write it back one higher: wrong if two do it at once."""
    for _ in range(times):
        with BucketLease(Bucket(url), folder, KEY, 60).held_unless(never):
            known = int(number.read_text())
            time.sleep(0.01)
            number.write_text(str(known + 1))


def test_many_processes_of_many_machines_never_hold_a_lease_at_once(bucket, tmp_path):
    number = Path(tmp_path, "number")
    number.write_text("0")
    processes = [forked.Process(target=count, args=(bucket.url, tmp_path / name, number, 4))
                 for name in ("one", "one", "two", "three")]  # fmt: skip
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert number.read_text() == "16"


def test_a_lease_is_renewed_through_a_store_that_fails_now_and_then(gcs, bucket, tmp_path, holder):
    rules = [{"kind": "status", "rate": 0.3}, {"kind": "drop", "rate": 0.3}]
    with gcs.broken(*rules, seed=3) as hits:
        holder(seconds=2.0, work=3.5)
        _, seconds = waited(bucket, tmp_path / "two", seconds=2.0)
    assert seconds > 2.5 and sum(hits.values()) > 3
