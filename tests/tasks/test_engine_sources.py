"""Sources: someone else's files count by what they hold, and recipes read nothing else."""

import functools
import json
import os
import tempfile
import threading
import time
from pathlib import Path

import luigi
import pandas as pd
import pytest

from tasks.engine import ArtifactTask, SourceTask, build, plan
from tasks.engine.errors import SourceMissing
from tasks.engine.source import SourceDigests, files_in

QUIET = {"log_level": "CRITICAL"}


class Letters(SourceTask):
    """One file, a folder of them, or several."""

    where = luigi.ListParameter(default=("letters.txt",))

    def path(self):
        return self.where[0] if len(self.where) == 1 else list(self.where)

    def expectation(self):
        return "ask the post office"


class Read(ArtifactTask):
    """What a function makes of the letters."""

    where = luigi.ListParameter(default=("letters.txt",))
    how = luigi.Parameter(default="read")

    def requires(self):
        return {"letters": Letters(where=self.where)}

    def recipe(self):
        return READERS[self.how]


def read(letters):
    if isinstance(letters, list):
        return [one.read_text() for one in letters]
    if letters.is_dir():
        return {one.name: one.read_text() for one in sorted(letters.iterdir())}
    return letters.read_text()


def read_on_the_side(letters):
    return Path("other.csv").read_text()


def read_elsewhere(letters):
    return Path(tempfile.gettempdir(), "setlist-test-other.csv").read_text()


def read_with_pandas(letters):
    return pd.read_csv("other.csv")


def read_in_a_thread(letters):
    found = []
    thread = threading.Thread(target=lambda: found.append(Path("other.csv").read_text()))
    thread.start()
    thread.join()
    return found[0]


def read_and_say_nothing(letters):
    try:
        return Path("other.csv").read_text()
    except Exception:
        return "nothing"


def read_the_store(letters):
    return next(Path("store").glob("Read/*/*/payload.txt")).read_text()


def read_low_level(letters):
    handle = os.open("other.csv", os.O_RDONLY)
    try:
        return os.read(handle, 100)
    finally:
        os.close(handle)


def use_scratch(letters):
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch, "x").write_text("scratch")
        return Path(scratch, "x").read_text() + letters.read_text()


def write_then_rename(letters):
    with tempfile.NamedTemporaryFile(delete=False) as scratch:
        scratch.write(b"scratch")
    Path(scratch.name).replace(scratch.name + ".done")
    try:
        return Path(scratch.name + ".done").read_text()
    finally:
        Path(scratch.name + ".done").unlink()


def follow_the_link(letters):
    return letters.resolve().read_text()


def probe(letters):
    return str(Path("not-there.csv").exists())


def change_while_reading(letters):
    text = letters.read_text()
    letters.write_text(text + "!")
    return text


def hand_on(letters):
    return letters


READERS = {
    one.__name__: one
    for one in (read, read_on_the_side, read_elsewhere, read_with_pandas, read_in_a_thread,
                read_and_say_nothing, read_the_store, read_low_level, use_scratch, probe,
                write_then_rename, follow_the_link, change_while_reading, hand_on)
}  # fmt: skip


def built(summary):
    assert summary.succeeded, [one.message for one in summary.failed]
    return [one.task for one in summary.built]


@pytest.fixture
def letters(place):
    (place / "letters.txt").write_text("a")
    (place / "other.csv").write_text("a,b\n1,2\n")
    return place / "letters.txt"


def test_a_source_counts_by_its_bytes_not_by_its_times(letters):
    assert built(build([Read()], **QUIET)) == ["Read"]
    os.utime(letters, (1, 1))
    assert built(build([Read()], **QUIET)) == []
    fresh = letters.with_suffix(".new")
    fresh.write_text("a")
    fresh.replace(letters)
    assert built(build([Read()], **QUIET)) == []
    letters.write_text("b")
    assert built(build([Read()], **QUIET)) == ["Read"]
    assert Read().output().load() == "b"


def test_a_source_rewritten_with_its_old_times_and_size_is_noticed(letters):
    old = letters.stat()
    assert built(build([Read()], **QUIET)) == ["Read"]
    letters.write_text("b")
    os.utime(letters, ns=(old.st_atime_ns, old.st_mtime_ns))
    assert built(build([Read()], **QUIET)) == ["Read"]
    assert Read().output().load() == "b"


@pytest.mark.parametrize("attempt", range(20))
def test_a_file_rewritten_within_a_clock_tick_is_noticed(tmp_path, attempt):
    path, digests = tmp_path / "x", SourceDigests(tmp_path / "known.jsonl")
    path.write_text("a")
    os.utime(path, (1, 1))
    first = digests._of_file(path)
    path.write_text("b")
    os.utime(path, (1, 1))
    assert digests._of_file(path) != first


def test_hashes_are_remembered_so_that_old_files_are_not_read_again(letters, monkeypatch):
    os.utime(letters, (1, 1))
    later = time.time_ns() + 10_000_000_000
    monkeypatch.setattr(time, "time_ns", lambda: later)
    first = SourceDigests(Path("known.jsonl")).digest(Letters())
    monkeypatch.setattr("tasks.engine.source.file_hash", lambda path: 1 / 0)
    assert SourceDigests(Path("known.jsonl")).digest(Letters()) == first


def test_a_torn_memory_of_hashes_costs_a_hash_and_no_more(letters):
    known = Path("known.jsonl")
    known.write_bytes(b'["/x/y", [1, 2, 3\n\x00\xff\n3\n[]\n"text"\n')
    assert SourceDigests(known).digest(Letters()) == SourceDigests(Path("other")).digest(Letters())


def test_a_folder_counts_by_its_files_names_and_contents(place):
    folder = place / "letters"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (folder / "deep" / "b.txt").write_text("b")
    digest = functools.partial(SourceDigests(place / "known").digest, Letters(where=["letters"]))
    seen = {digest()}
    (folder / "empty").mkdir()
    assert digest() in seen
    for change in [
        lambda: (folder / "a.txt").rename(folder / "c.txt"),
        lambda: (folder / "c.txt").write_text("b"),
        lambda: (folder / "d.txt").touch(),
        lambda: (folder / "deep" / "b.txt").unlink(),
        lambda: (folder / "d.txt").write_text("b"),
    ]:
        change()
        assert digest() not in seen
        seen.add(digest())
    (folder / "d.txt").unlink()
    assert len(files_in(folder)) == 1


def test_a_folder_and_a_list_of_files_come_to_the_recipe_as_such(place):
    (place / "letters").mkdir()
    for name in ("b", "a"):
        (place / "letters" / name).write_text(name)
    assert built(build([Read(where=["letters"])], **QUIET)) == ["Read"]
    assert Read(where=["letters"]).output().load() == {"a": "a", "b": "b"}
    listed = Read(where=["letters/b", "letters/a"])
    assert built(build([listed], **QUIET)) == ["Read"]
    assert listed.output().load() == ["b", "a"]


def test_the_order_of_a_list_of_files_counts(place):
    for name in ("a", "b"):
        (place / name).write_text(name)
    digests = SourceDigests(place / "known")
    orders = [["a", "b"], ["b", "a"], ["a"], ["b"], ["a", "a"]]
    assert len({digests.digest(Letters(where=order)) for order in orders}) == len(orders)


@pytest.mark.parametrize("where", [["lost.txt"], ["letters.txt", "lost.txt"]], ids=str)
def test_a_missing_source_is_named_and_nothing_is_built(letters, where, caplog):
    task = Read(where=where)
    [step, below] = plan(task).steps
    assert (step.verdict, below.verdict) == ("source missing", "blocked")
    assert "lost.txt is not there; ask the post office" in str(step.reasons[0])
    summary = build([task], **QUIET)
    assert not summary.succeeded and summary.incomplete == [str(task)]
    assert "lost.txt is not there; ask the post office" in caplog.text
    with pytest.raises(SourceMissing):
        task.output().load()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    "how", ["read_on_the_side", "read_elsewhere", "read_with_pandas", "read_low_level",
            "read_the_store", "read_in_a_thread", "read_and_say_nothing"],
)  # fmt: skip
def test_a_read_on_the_side_is_refused_and_named(letters, how):
    Path(tempfile.gettempdir(), "setlist-test-other.csv").write_text("other")
    assert built(build([Read()], **QUIET)) == ["Read"]
    summary = build([Read(how=how)], **QUIET)
    assert not summary.succeeded
    [failure] = summary.failed
    assert "which is not among its inputs" in failure.message
    assert "other.csv" in failure.message or "payload.txt" in failure.message


def test_a_project_below_a_folder_of_the_system_is_not_the_systems(letters, monkeypatch):
    monkeypatch.setattr("tasks.engine.reading._always", lambda: (str(Path.cwd().parent),))
    summary = build([Read(how="read_on_the_side")], **QUIET)
    assert "other.csv" in summary.failed[0].message


def test_a_read_on_the_side_is_refused_in_a_worker_process_too(letters):
    summary = build([Read(how="read_on_the_side")], workers=2, **QUIET)
    assert "other.csv" in summary.failed[0].message


@pytest.mark.parametrize("how", ["use_scratch", "write_then_rename", "probe"])
def test_a_recipe_may_use_scratch_files_of_its_own(letters, how):
    assert built(build([Read(how=how)], **QUIET)) == ["Read"]


def test_a_source_may_be_a_link(letters):
    letters.rename("real.txt")
    letters.symlink_to("real.txt")
    assert built(build([Read(how="follow_the_link")], **QUIET)) == ["Read"]
    Path("real.txt").write_text("b")
    assert built(build([Read(how="follow_the_link")], **QUIET)) == ["Read"]


def test_a_source_that_changes_while_it_is_read_leaves_nothing(letters):
    summary = build([Read(how="change_while_reading")], **QUIET)
    assert "changed while it was being read" in summary.failed[0].message
    assert not list(Path("store").glob("Read/**/manifest.json"))
    assert not list(Path("store").glob("_staging/*"))


def test_a_source_handed_on_as_it_is_stays_as_it_was(letters):
    assert built(build([Read(how="hand_on")], **QUIET)) == ["Read"]
    task = Read(how="hand_on")
    folder = task.output().folder()
    letters.write_text("z")
    assert (folder / "payload.txt").read_text() == "a"


def test_several_builds_in_one_process_see_changed_sources(letters):
    for text in ("b", "c", "b"):
        letters.write_text(text)
        assert luigi.build([Read()], local_scheduler=True, **QUIET)
        assert Read().complete() and Read().output().load() == text
    kept = list(Path("store").glob("Read/*/*/manifest.json"))
    assert len(kept) == 2, "the third build found the first one's artifact"
    assert {json.loads(one.read_text())["task"] for one in kept} == {"Read"}
