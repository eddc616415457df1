"""The list of the forgotten: ids are checked, and put on it in one step, each once."""

import pytest

from ml.errors import SourceUnreadable
from tasks.forgotten_list import NoSuchId, checked, listed, record


def test_ids_are_put_on_the_list_once_and_it_is_made_when_there_is_none(tmp_path):
    path = tmp_path / "var" / "forgotten.csv"
    assert listed(path) == []
    assert record(path, ["b", "a"]) == ["b", "a"]
    assert record(path, ["a", "c,d"]) == ["c,d"]
    assert listed(path) == ["b", "a", "c,d"]
    assert sorted(one.name for one in path.parent.iterdir()) == [
        ".forgotten.csv.lock", "forgotten.csv"]  # fmt: skip


def test_other_columns_of_the_list_stay(tmp_path):
    path = tmp_path / "forgotten.csv"
    path.write_text("at,listener\n2026-01-01,a")
    record(path, ["b"])
    assert path.read_text() == "at,listener\n2026-01-01,a\n,b\n"


def test_a_list_without_its_header_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "forgotten.csv"
    path.write_text("a\nb\n")
    with pytest.raises(SourceUnreadable, match="header line: listener"):
        record(path, ["c"])
    assert path.read_text() == "a\nb\n"


def test_what_cannot_be_an_id_is_refused_by_name():
    assert checked([" a ", "b", "a"]) == ["a", "b"]
    with pytest.raises(NoSuchId, match=r"found 'two words', ''.*Nothing was recorded"):
        checked(["a", "two words", ""])
