"""A bucket that fails, stalls, truncates, repeats and forgets to answer: nothing reads wrong."""

import random

import pytest
from store_places import ADDRESS, BucketPlace, commit

from tasks.engine.bucket import Bucket
from tasks.engine.errors import StoreUnreachable

FILES = {"a.txt": "first", "b.json": [1, 2], "c.bin": b"\x01" * 1000}
UPLOAD, CHUNK, MEDIA = "POST /upload", "PUT /upload", "GET .*alt=media"


@pytest.fixture
def place(tmp_path, gcs):
    return BucketPlace(tmp_path, gcs)


@pytest.fixture
def bucket(place):
    return place.bucket


def test_a_write_whose_answer_was_lost_is_known_to_be_ours(gcs, bucket):
    """The client writes again and is told that the object exists: it is the one it wrote."""
    with gcs.broken({"kind": "drop", "times": 1, "match": UPLOAD}) as hits:
        made = bucket.create("x", b"mine")
    assert hits == {"drop": 1} and bucket.stat("x") == made
    with gcs.broken({"kind": "duplicate", "times": 1, "match": UPLOAD}) as hits:
        assert bucket.replace("x", b"newer", made.generation).size == 5
    assert hits == {"duplicate": 1} and bucket.read("x") == b"newer"


def test_a_write_after_another_writer_is_refused_although_its_answer_was_lost(gcs, bucket):
    first = bucket.create("x", b"first")
    with gcs.broken({"kind": "drop", "times": 2, "match": UPLOAD}):
        assert bucket.create("x", b"second") is None
        assert bucket.replace("x", b"second", first.generation + 1) is None
    assert bucket.read("x") == b"first"


@pytest.mark.parametrize("kind", ["drop", "duplicate", "reset", "status", "truncate", "slow"])
@pytest.mark.parametrize("match", [UPLOAD, MEDIA, "GET .*/o\\?", "GET .*/o/"])
def test_an_artifact_survives_any_single_fault(gcs, place, kind, match):
    with gcs.broken({"kind": kind, "times": 1, "match": match}):
        store = place.machine()
        entry = commit(store, FILES)
        other = place.machine()
        other.refresh()
        assert other.read(other.find(ADDRESS)) == FILES
        assert other.manifest(ADDRESS).digest == entry.digest


def test_a_flipped_bit_on_the_way_is_noticed_and_read_again(gcs, place):
    entry = commit(place.machine(), FILES)
    with gcs.broken({"kind": "flip", "times": 3, "match": MEDIA}) as hits:
        assert place.machine().read(entry) == FILES
    assert hits == {"flip": 3}


def test_bits_that_flip_at_every_try_are_refused(gcs, place):
    entry = commit(place.machine(), FILES)
    with gcs.broken({"kind": "flip", "match": MEDIA}), pytest.raises(Exception, match="hecksum"):
        place.machine().read(entry)
    assert place.machine().read(entry) == FILES


@pytest.mark.parametrize("kind", ["drop", "reset", "status", "truncate"])
@pytest.mark.parametrize("chunk", [1, 2])
def test_a_large_upload_goes_on_where_it_was_broken_off(gcs, bucket, tmp_path, kind, chunk):
    big = random.Random(1).randbytes(12 << 20)
    (tmp_path / "big").write_bytes(big)
    last = f"bytes=.*upload_id|{CHUNK}"
    rules = [{"kind": "slow", "seconds": 0, "times": chunk - 1, "match": last},
             {"kind": kind, "times": 1, "match": last}]  # fmt: skip
    with gcs.broken(*rules) as hits:
        made = bucket.create("big", tmp_path / "big")
    assert hits[kind] == 1 and made.size == len(big)
    assert bucket.download("big", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == big


@pytest.mark.parametrize("kind", ["truncate", "reset", "status"])
def test_a_large_download_goes_on_where_it_was_broken_off(gcs, bucket, tmp_path, kind):
    big = random.Random(2).randbytes(9 << 20)
    (tmp_path / "big").write_bytes(big)
    bucket.create("big", tmp_path / "big")
    with gcs.broken({"kind": kind, "times": 3, "match": MEDIA}) as hits:
        assert bucket.download("big", tmp_path / "copy")
    assert hits == {kind: 3} and (tmp_path / "copy").read_bytes() == big


def test_a_delete_whose_answer_was_lost_is_done(gcs, bucket):
    made = bucket.create("x", b"1")
    with gcs.broken({"kind": "drop", "times": 1, "match": "DELETE"}):
        assert bucket.delete("x", made.generation)
    assert bucket.stat("x") is None


def test_only_the_generation_that_was_seen_is_deleted_or_copied(bucket):
    first = bucket.create("x", b"1")
    second = bucket.replace("x", b"2", first.generation)
    assert not bucket.copy("x", "y", first.generation) and not bucket.delete("x", first.generation)
    assert bucket.copy("x", "y", second.generation) and bucket.read("y") == b"2"
    assert bucket.delete("x", second.generation) and bucket.read("x") is None


def test_a_store_that_fails_for_good_is_given_up_with_advice(gcs, place):
    impatient = Bucket(place.bucket.url, deadline=0.5)
    said = r"ServiceUnavailable.*Check the network"
    rule = {"kind": "status", "code": 503}
    with gcs.broken(rule), pytest.raises(StoreUnreachable, match=said):
        impatient.create("x", b"1")
    assert impatient.stat("x") is None


def test_random_faults_at_every_request_never_give_a_wrong_answer(gcs, place):
    kinds = ["drop", "duplicate", "reset", "status", "truncate"]
    rules = [{"kind": kind, "rate": 0.06} for kind in kinds]
    rules.append({"kind": "flip", "rate": 0.1, "match": MEDIA})
    with gcs.broken(*rules, seed=5) as hits:
        for number in range(15):
            address = ("Harvest", f"roots.{number}", f"{number:064x}")
            value = {"n.json": number, "t.txt": f"text {number}"}
            entry = commit(place.machine(), value, address)
            assert place.machine().read(entry) == value
    assert sum(hits.values()) > 20
    store = place.machine()
    store.refresh()
    assert len(store.labels("Harvest")) == 15
