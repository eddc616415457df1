"""A file that is written in order has its hash at the end, and no other file claims one."""

import hashlib

from tasks.engine.hashed_file import hashed_file

CONTENT = bytes(range(256)) * 20_000


def test_what_was_written_in_pieces_of_any_size_has_the_hash_of_the_file(tmp_path):
    for size in (1000, 8192, 3 << 20):
        with hashed_file(tmp_path / "x") as file:
            for begin in range(0, len(CONTENT), size):
                file.handle.write(CONTENT[begin : begin + size])
        assert (tmp_path / "x").read_bytes() == CONTENT
        assert file.sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_a_file_that_is_begun_again_has_the_hash_of_what_was_written_last(tmp_path):
    with hashed_file(tmp_path / "x") as file:
        file.handle.write(CONTENT)
        file.handle.seek(0)
        file.handle.truncate()
        file.handle.write(b"other")
    assert (tmp_path / "x").read_bytes() == b"other"
    assert file.sha256 == hashlib.sha256(b"other").hexdigest()


def test_a_file_that_was_not_written_in_order_has_no_hash(tmp_path):
    with hashed_file(tmp_path / "x") as file:
        file.handle.write(CONTENT)
        file.handle.seek(100)
        file.handle.write(b"in the middle")
        file.handle.seek(0, 2)
    assert file.sha256 is None
