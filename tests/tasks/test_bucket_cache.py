"""Copies of what lies in a bucket: downloaded once, checked always, bounded, safe to delete."""

import os
import shutil
import time

import pytest
from store_places import ADDRESS, KEY, BucketPlace, commit, same_size

FILES = {"a.txt": "x" * 400, "b.json": [1]}


@pytest.fixture
def place(tmp_path, gcs):
    return BucketPlace(tmp_path, gcs)


def at(number):
    return ("Harvest", f"roots.{number}", f"{number:015x}" + KEY[15:])


def test_a_payload_that_is_read_twice_is_downloaded_once(place, gcs):
    entry = commit(place.machine(), FILES)
    store = place.machine()
    with gcs.counted() as counts:
        for as_path in (False, True, False):
            store.read(entry, as_path)
        store.fetch([entry])
    assert counts == {"media": 2}


def test_what_was_written_here_is_not_downloaded_at_all(place, gcs):
    store = place.machine()
    entry = commit(store, FILES)
    with gcs.counted() as counts:
        assert store.read(entry) == FILES and store.manifest(ADDRESS).digest == entry.digest
    assert counts == {}


@pytest.mark.parametrize("damage", [same_size, lambda content: content[:-1], lambda _: b""])
def test_a_copy_that_was_damaged_is_downloaded_again(place, damage):
    entry = commit(place.machine(), FILES)
    store = place.machine()
    store.read(entry)
    copy = store.path(ADDRESS) / "a.txt"
    copy.write_bytes(damage(copy.read_bytes()))
    assert store.read(entry) == FILES and (store.folder(ADDRESS) / "a.txt").stat().st_size == 400


def test_a_folder_of_copies_is_checked_before_it_is_handed_to_other_tools(place):
    commit(place.machine(), FILES)
    store = place.machine()
    copy = store.folder(ADDRESS) / "a.txt"
    copy.write_bytes(same_size(copy.read_bytes()))
    assert (store.folder(ADDRESS) / "a.txt").read_text() == FILES["a.txt"]


def test_copies_may_be_deleted_at_any_time(place):
    store = place.machine()
    entry = commit(store, FILES)
    shutil.rmtree(store.root)
    assert store.read(entry) == FILES
    assert store.find(ADDRESS) == entry
    shutil.rmtree(store.root)
    commit(store, FILES, at(2))
    assert store.read(store.find(at(2))) == FILES


def test_copies_stay_within_their_limit_and_those_used_last_stay(place):
    writer = place.machine()
    entries = [commit(writer, {"a.bin": b"x" * 10_000}, at(number)) for number in range(10)]
    store = place.machine(cache_gigabytes=35_000 / 2**30)
    for entry in entries:
        with store.staging():  # a build, at the end of which there is made room
            store.read(entry)
            store.read(entries[0])
    kept = {path.parent.parent.name for path in store.root.glob("Harvest/*/*/a.bin")}
    assert "roots.0" in kept and "roots.9" in kept and len(kept) == 3


def test_what_a_build_works_on_is_not_removed_under_it(place):
    writer = place.machine()
    first, second = (commit(writer, {"a.bin": b"x" * 10_000}, at(number)) for number in range(2))
    one, other = (place.machine(cache_gigabytes=1 / 2**30) for _ in range(2))
    other.root.rmdir() if other.root.exists() else None
    with one.staging():
        path = one.read(first, as_path=True)
        one.cache.trim()
        assert (path / "a.bin").exists()
    one.cache.trim()
    assert not path.exists()
    assert one.read(second, as_path=True).is_dir()


def test_what_a_killed_process_left_half_done_is_cleared_up_after_days(place):
    store = place.machine()
    entry = commit(store, FILES)
    half = [store.cache.path(entry.address) / ".arriving-half",
            store.root / "_staging" / "half" / "a.txt"]
    for one in half:
        one.parent.mkdir(parents=True, exist_ok=True)
        one.write_text("half")
    for age, is_there in ((1, True), (4, False)):
        for one in (half[0], half[1].parent):
            os.utime(one, (time.time() - age * 86400,) * 2)
        store.cache.trim()
        assert [one.exists() for one in half] == [is_there, is_there]
    assert store.read(store.find(ADDRESS)) == FILES


def test_copies_that_are_dropped_while_another_arrives_do_not_take_its_place_away(place):
    """Two workers at a bad artifact: one sets it aside while the other is still reading it."""
    store = place.machine()
    cache, address = store.cache, commit(store, FILES).address
    with cache.arriving(address, "late.txt") as coming:
        cache.drop(address)
        coming.write_text("late")
        cache.drop(address)
    assert [path.name for path in cache.path(address).iterdir()] == ["late.txt"]
    cache.drop(address)
    cache.vouch(address, "late.txt", "0" * 64)
    assert cache.lacks(address, "late.txt", None)


def test_the_folder_of_copies_that_were_dropped_goes_when_it_is_old(place):
    store = place.machine()
    address = commit(store, FILES).address
    store.cache.drop(address)
    for age, is_there in ((1, True), (4, False)):
        os.utime(store.cache.path(address), (time.time() - age * 86400,) * 2)
        store.cache.trim()
        assert store.cache.path(address).exists() == is_there
