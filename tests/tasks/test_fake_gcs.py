"""The tests' Cloud Storage keeps the promises that the store relies on; any real one does."""

import multiprocessing
import socket

import pytest
from google.api_core.exceptions import NotFound, PreconditionFailed
from google.cloud import storage

forked = multiprocessing.get_context("fork")


@pytest.fixture
def bucket(any_gcs):
    return storage.Client(project=None).bucket(any_gcs.new_bucket())


def put(bucket, name, content, **conditions):
    blob = bucket.blob(name)
    blob.upload_from_string(content, checksum="crc32c", **conditions)
    return blob.generation


def test_every_write_makes_a_newer_generation(bucket):
    generations = [put(bucket, "x", str(number)) for number in range(3)]
    assert generations == sorted(set(generations))


def test_conditions_on_the_generation_hold_for_every_kind_of_write(bucket):
    first = put(bucket, "x", "1", if_generation_match=0)
    for wrong in (0, first + 1):
        with pytest.raises(PreconditionFailed):
            put(bucket, "x", "2", if_generation_match=wrong)
        with pytest.raises(PreconditionFailed):
            bucket.blob("y").rewrite(bucket.blob("x"), if_source_generation_match=first + 1)
    with pytest.raises(PreconditionFailed):
        bucket.blob("x").delete(if_generation_match=first + 1)
    second = put(bucket, "x", "2", if_generation_match=first)
    assert bucket.blob("x").download_as_bytes() == b"2" and not bucket.blob("y").exists()
    bucket.blob("x").delete(if_generation_match=second)
    with pytest.raises(NotFound):
        bucket.blob("x").delete(if_generation_match=second)


def create(name, number, won):
    bucket = storage.Client(project=None).bucket(name)
    try:
        put(bucket, "x", str(number), if_generation_match=0)
        won.put(number)
    except PreconditionFailed:
        won.put(None)


def test_of_sixteen_who_create_one_object_exactly_one_does(bucket):
    won = forked.Queue()
    racers = [forked.Process(target=create, args=(bucket.name, number, won))
              for number in range(16)]  # fmt: skip
    for one in racers:
        one.start()
    winners = [one for one in (won.get(timeout=30) for _ in racers) if one is not None]
    for one in racers:
        one.join()
    assert len(winners) == 1
    assert bucket.blob("x").download_as_bytes() == str(winners[0]).encode()


def test_listings_are_complete_in_order_and_in_pages(bucket):
    names = ["a/1", "a/2", "a/b/3", "c", "ä b?#%"]
    for name in reversed(names):
        put(bucket, name, name)
    client = bucket.client
    assert [one.name for one in client.list_blobs(bucket, page_size=2)] == sorted(names)
    assert [one.name for one in client.list_blobs(bucket, prefix="a/", page_size=1)] == names[:3]
    folders = client.list_blobs(bucket, prefix="a/", delimiter="/")
    assert [one.name for one in folders] == ["a/1", "a/2"] and folders.prefixes == {"a/b/"}
    assert [one.size for one in client.list_blobs(bucket, prefix="a/b")] == [5]


def test_ranges_of_an_object_can_be_read(bucket):
    put(bucket, "x", "0123456789")
    blob = bucket.blob("x")
    assert blob.download_as_bytes(start=2, end=4) == b"234"
    assert blob.download_as_bytes(start=8) == b"89"


def test_metadata_comes_back_and_a_copy_keeps_it(bucket):
    blob = bucket.blob("x")
    blob.metadata = {"writer": "me"}
    blob.upload_from_string("1")
    bucket.blob("y").rewrite(blob)
    assert bucket.get_blob("y").metadata == {"writer": "me"}
    assert bucket.get_blob("y").crc32c == bucket.get_blob("x").crc32c == blob.crc32c


def test_bytes_that_are_not_those_promised_are_refused(bucket):
    blob = bucket.blob("x")
    blob.crc32c = "AAAAAA=="
    with pytest.raises(Exception, match=r"400|hash"):
        blob.upload_from_string("not of this checksum", checksum=None)
    assert not bucket.blob("x").exists()


def test_a_request_that_was_cut_short_changes_nothing(gcs, bucket):
    host, port = gcs.address.removeprefix("http://").split(":")
    head = (f"POST /upload/storage/v1/b/{bucket.name}/o?uploadType=multipart HTTP/1.1\r\n"
            f"Host: {host}\r\nContent-Length: 999\r\n"
            "Content-Type: multipart/related; boundary=cut\r\n\r\n--cut\r\n\r\n{")  # fmt: skip
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode())
    assert list(bucket.client.list_blobs(bucket)) == []
