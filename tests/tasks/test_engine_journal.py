"""The journal of a store: what its lines say, taken apart only when asked for."""

import pytest

from tasks.engine.journal import Entry, Journal


def entry(label="roots.3", key="a1", digest="d1", created="2026-01-01", task="Harvest"):
    return Entry((task, label, key), digest, created, "json", (("payload.json", 3, "f0"),))


@pytest.fixture
def written(tmp_path):
    """A journal, and another process's look at the same file."""
    journal, other = Journal(tmp_path / "_journal.jsonl"), Journal(tmp_path / "_journal.jsonl")
    journal.append(entry())
    other.refresh()
    return journal, other


@pytest.mark.parametrize("label", ["roots.3", "ä 'x'", 'a", "b', 'a\\", \\"b', "a\\", "", '"'])
def test_what_was_written_under_any_label_is_found_again(tmp_path, label):
    journal = Journal(tmp_path / "_journal.jsonl")
    journal.append(entry(label))
    fresh = Journal(journal.path)
    fresh.refresh()
    assert fresh.find(("Harvest", label, "a1")) == entry(label)
    assert fresh.under("Harvest", label) == [entry(label)]
    assert fresh.find(("Harvest", label + "x", "a1")) is None


def test_a_later_line_replaces_an_earlier_one_also_after_it_was_read(written):
    journal, other = written
    assert other.find(entry().address) == entry()
    journal.append(entry(digest="d2"))
    other.refresh()
    assert other.find(entry().address) == entry(digest="d2")
    assert other.under("Harvest", "roots.3") == [entry(digest="d2")]


def test_lines_appended_after_a_label_was_asked_for_are_under_it(written):
    journal, other = written
    assert other.under("Harvest", "roots.3") == [entry()]
    journal.append(entry(key="b2"))
    other.refresh()
    assert other.under("Harvest", "roots.3") == [entry(), entry(key="b2")]
    other.forget(entry().address)
    assert other.under("Harvest", "roots.3") == [entry(key="b2")]


def test_a_torn_line_hides_no_other(written):
    journal, other = written
    with journal.path.open("ab") as lines:
        lines.write(b'\n["Harvest", "roots.3", "a2", "d')
    journal.append(entry(key="b2"))
    other.refresh()
    assert other.under("Harvest", "roots.3") == [entry(), entry(key="b2")]
    assert other.find(("Harvest", "roots.3", "a2")) is None


def test_a_lost_line_is_written_again_but_a_known_one_is_not(written):
    journal, other = written
    before = journal.path.read_bytes()
    journal.append(entry(key="b2"))
    other.restore(entry(key="b2"))
    assert journal.path.read_bytes().count(b"b2") == 1
    journal.path.write_bytes(before)
    other.restore(entry(key="b2"))
    assert journal.path.read_bytes().count(b"b2") == 1


def test_a_journal_that_was_removed_is_forgotten(written):
    journal, other = written
    journal.path.unlink()
    other.refresh()
    assert other.find(entry().address) is None
    assert other.under("Harvest", "roots.3") == []


def test_a_journal_that_skipped_what_there_was_hears_only_what_comes(written):
    journal, _ = written
    late = Journal(journal.path)
    late.skip()
    journal.append(entry(label="herbs.3"))
    late.refresh()
    assert late.labels("Harvest") == {"herbs.3"} and late.find(entry().address) is None
    journal.refresh()
    assert journal.labels("Harvest") == {"roots.3", "herbs.3"} and journal.labels("Harv") == set()
