"""The contract of a store, kept by a folder and by a bucket: one suite, two backends."""

import multiprocessing
import os

import pytest
from store_places import ADDRESS, KEY, BucketPlace, FolderPlace, commit, same_size

from tasks.engine.errors import CorruptPayload, InputChanged

forked = multiprocessing.get_context("fork")
OTHER = ("Harvest", "roots.3", KEY[::-1])
FILES = {"card.json": {"beds": 2}, "model.txt": "a tree", "plot.png": b"\x89PNG"}


@pytest.fixture(params=[FolderPlace, BucketPlace], ids=["folder", "bucket"])
def place(request, tmp_path):
    gcs = request.getfixturevalue("any_gcs") if request.param is BucketPlace else None
    return request.param(tmp_path, gcs)


@pytest.fixture
def store(place):
    return place.machine()


@pytest.mark.parametrize("value", [FILES, {"a": 1}, "text", b"", b"\x00" * 3_000_000], ids=type)
def test_what_one_machine_commits_another_reads(place, store, value):
    entry = commit(store, value)
    other = place.machine()
    other.refresh()
    found = other.find(ADDRESS)
    assert (found.digest, found.files, found.codec) == (entry.digest, entry.files, entry.codec)
    assert other.read(found) == value
    assert other.manifest(ADDRESS).to_json() == store.manifest(ADDRESS).to_json()


def test_what_was_committed_since_a_listing_is_found_too(place, store):
    other = place.machine()
    other.refresh()
    assert other.find(ADDRESS, listed=True) is None
    commit(store, FILES)
    assert other.find(ADDRESS).digest == store.find(ADDRESS).digest


def test_where_artifacts_lie_is_known_by_their_keys_alone(place, store):
    assert store.by_key("Harvest") == {}
    commit(store, FILES)
    commit(store, FILES, address=("Harvest", 'roots "4"', OTHER[2]))
    other = place.machine()
    other.refresh()
    expected = {KEY: ADDRESS, OTHER[2]: ("Harvest", 'roots "4"', OTHER[2])}
    assert store.by_key("Harvest") == other.by_key("Harvest") == expected
    assert other.by_key("Harves") == {}


def test_nothing_exists_before_it_is_committed(place, store):
    assert store.find(ADDRESS) is None and store.problem(ADDRESS) is None
    assert store.entries(*ADDRESS[:2]) == [] and store.labels("Harvest") == []
    assert store.latest(*ADDRESS[:2]) is None and store.newest(*ADDRESS[:2]) is None
    with pytest.raises(CorruptPayload, match="expected a manifest"):
        store.manifest(ADDRESS)
    with pytest.raises(ZeroDivisionError), store.staging() as stage:
        (stage / "half.txt").write_text("half")
        raise ZeroDivisionError
    assert not stage.exists() and place.names() == []


def test_a_key_is_committed_once_and_the_second_writer_takes_the_first_ones(place, store):
    first = commit(store, {"a": 1})
    other = place.machine()
    assert commit(other, {"a": 2}) == first
    assert other.read(first) == {"a": 1} and store.read(first) == {"a": 1}
    assert other.read(other.find(ADDRESS), as_path=True).read_text() == '{\n "a": 1\n}\n'


def race(place, number, digests):
    """Commit content of one's own, in a process of its own, when all are ready."""
    store = place.machine()
    digests.put(commit(store, {"by": number}).digest)


def test_of_many_writers_at_once_exactly_one_commits(place):
    digests = forked.Queue()
    writers = [forked.Process(target=race, args=(place, number, digests)) for number in range(6)]
    for one in writers:
        one.start()
    taken = {digests.get(timeout=30) for _ in writers}
    for one in writers:
        one.join()
    store = place.machine()
    assert taken == {store.find(ADDRESS, every_byte=True).digest}


def test_the_newest_of_a_label_is_known_and_how_long_it_took(place, store):
    commit(store, "old", created="2026-01-05T00:00:00", seconds=1.0)
    commit(store, "new", OTHER, created="2026-01-06T00:00:00", seconds=2.25)
    commit(store, "x", ("Harvest", "herbs.3", KEY), created="2026-01-07T00:00:00")
    for one in (store, place.machine()):
        one.refresh()
        assert one.latest("Harvest", "roots.3").key == OTHER[2]
        assert one.newest("Harvest", "roots.3").address == OTHER
        assert one.seconds("Harvest", "roots.3") == 2.25
        assert one.labels("Harvest") == ["herbs.3", "roots.3"]
        assert {entry.address for entry in one.entries("Harvest", "roots.3")} == {ADDRESS, OTHER}


@pytest.mark.parametrize("label", ["ä 'x'", 'a", "b', "100%", "a+b=c", "#1?"])
def test_any_label_can_be_had(place, store, label):
    address = ("Harvest", label, KEY)
    commit(store, "x", address)
    other = place.machine()
    other.refresh()
    assert other.labels("Harvest") == [label]
    assert other.read(other.find(address)) == "x"


def test_files_can_be_had_as_a_folder_with_the_manifest(place, store):
    commit(store, FILES)
    folder = place.machine().folder(ADDRESS)
    names = sorted(one.name for one in folder.iterdir())
    assert names == ["card.json", "manifest.json", "model.txt", "plot.png"]
    assert (folder / "model.txt").read_text() == "a tree"
    assert folder.parts[-3:] == ADDRESS


def gone(place):
    place.remove("model.txt")


def shortened(place):
    place.write("model.txt", place.read("model.txt")[:-1])


def emptied(place):
    place.write("model.txt", b"")


def torn(place):
    place.write("manifest.json", place.read("manifest.json")[:-9])


def without_manifest(place):
    place.remove("manifest.json")


@pytest.mark.parametrize("damage", [gone, shortened, emptied, torn])
def test_what_is_damaged_does_not_exist_and_is_said_and_mended(place, store, damage):
    entry = commit(store, FILES)
    damage(place)
    other = place.machine()
    other.refresh()
    if damage is not torn or isinstance(place, BucketPlace):
        assert other.find(ADDRESS) is None, "a folder's journal still knows what it said"
    assert other.problem(ADDRESS)
    assert other.set_aside(ADDRESS)
    assert "manifest.json" not in place.names() and len(place.graves()) == 1
    assert other.find(ADDRESS) is None and other.problem(ADDRESS) != "model.txt is gone"
    assert commit(other, FILES).digest == entry.digest
    assert place.machine().find(ADDRESS, every_byte=True)


def test_an_artifact_without_its_manifest_was_never_committed(place, store):
    commit(store, FILES)
    without_manifest(place)
    other = place.machine()
    assert other.find(ADDRESS) is None
    other.problem(ADDRESS)
    other.set_aside(ADDRESS)
    commit(other, FILES)
    assert other.read(place.machine().find(ADDRESS)) == FILES


@pytest.mark.parametrize("as_path", [False, True])
def test_bytes_that_changed_are_never_handed_out(place, store, as_path):
    entry = commit(store, FILES)
    place.write("model.txt", same_size(place.read("model.txt")))
    other = place.machine()
    assert other.find(ADDRESS) is not None, "sizes are as they were"
    with pytest.raises(CorruptPayload, match="sha256"):
        other.read(entry, as_path)
    assert other.find(ADDRESS, every_byte=True) is None
    assert "sha256" in other.problem(ADDRESS, every_byte=True)
    assert other.set_aside(ADDRESS)
    commit(other, FILES)
    third = place.machine()
    assert third.read(third.find(ADDRESS)) == FILES


def test_an_artifact_that_was_rebuilt_with_other_content_is_not_what_was_asked_for(place, store):
    old = commit(store, {"a": 1})
    other = place.machine()
    place.remove()
    commit(place.machine(), {"a": 2})
    with pytest.raises(InputChanged):
        other.read(old)


def test_an_artifact_that_was_removed_is_missed_by_whoever_made_it(place, store):
    commit(store, FILES)
    place.remove()
    store.refresh()
    assert store.problem(ADDRESS) in ("its folder is gone", "its objects are gone")
    assert store.set_aside(ADDRESS) is None
    commit(store, FILES)
    assert place.machine().find(ADDRESS)


def test_many_artifacts_are_fetched_at_once(place, store):
    addresses = [("Harvest", f"roots.{number}", KEY) for number in range(24)]
    entries = [commit(store, {"n": number}, one) for number, one in enumerate(addresses)]
    other = place.machine()
    other.fetch(entries)
    assert [other.read(one)["n"] for one in entries] == list(range(24))


def test_what_a_store_holds_can_be_pointed_at(place, store):
    commit(store, FILES)
    assert store.link(ADDRESS).endswith("/".join(ADDRESS))
    assert store.link(ADDRESS).startswith(("file:///", "https://console.cloud.google.com/"))


def test_a_payload_larger_than_memory_should_hold_goes_up_and_comes_down_in_chunks(place, store):
    import random

    big = random.Random(1).randbytes(20 << 20)
    with store.staging() as stage:
        mine = stage.parent / "mine.bin"
        mine.write_bytes(big)
    entry = commit(store, {"big.bin": mine, "small.txt": "x"})
    other = place.machine()
    folder = other.read(entry, as_path=True)
    assert (folder / "big.bin").read_bytes() == big
    assert os.stat(folder / "big.bin").st_size == 20 << 20
