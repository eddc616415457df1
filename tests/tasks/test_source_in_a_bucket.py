"""A source in a bucket: one listing says what is there, and bytes are copied only to be read."""

import functools
import gzip
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import luigi
import pytest
from luigi import configuration

from tasks.engine import ArtifactTask, SourceTask, bucket_folder, build, plan, runs, workshop
from tasks.engine.bucket import Bucket
from tasks.engine.bucket_path import BucketPath, SourceListing
from tasks.engine.errors import (
    AccessDenied,
    BucketMissing,
    CorruptPayload,
    RecipeError,
    SourceChanged,
    SourceMissing,
)

QUIET = {"log_level": "CRITICAL"}
MEDIA, LIST = "GET .*alt=media", "GET .*/o\\?"
URL = ""


class Logs(SourceTask):
    """The files of a day, below the bucket's prefix."""

    day = luigi.Parameter()

    def path(self):
        folder = bucket_folder(URL, "[setlist] folder")
        return sorted(folder.glob(f"{self.day}/*")) or [folder / self.day / "*"]

    def expectation(self):
        return "wait for the logs"


class Count(ArtifactTask):
    day = luigi.Parameter()

    def requires(self):
        return {"logs": Logs(day=self.day)}

    def recipe(self):
        return count


class CountElsewhere(Count):
    """In a process of its own, which has no listing in its memory."""

    isolated = True


class Week(ArtifactTask):
    days = luigi.ListParameter(default=("mon", "tue", "wed"))

    def requires(self):
        return {"days": [Count(day=day) for day in self.days]}

    def recipe(self):
        return functools.partial(sum_up, unit="letters")


def count(logs):
    return {path.stem: len(path.read_bytes()) for path in logs}


def sum_up(days, unit):
    return {unit: sum(sum(day.values()) for day in days)}


@pytest.fixture
def logs(place, gcs, monkeypatch):
    """A bucket with a week of logs, two files a day, and an empty store in a folder."""
    bucket = Bucket(f"gs://{gcs.new_bucket()}/logs")
    monkeypatch.setitem(globals(), "URL", bucket.url)
    monkeypatch.setenv("LOGS_OF_THE_TEST", bucket.url)
    for day in ("mon", "tue", "wed"):
        for part in ("a", "b"):
            bucket.create(f"{day}/{part}.txt", f"{day} {part}".encode() * 5000)
    configuration.get_config().set("engine", "listing_seconds", "0")
    (place / "luigi.cfg").write_text("[engine]\nroot = store\nlisting_seconds = 0\n")
    gcs.control(reset=True)
    return bucket


if "LOGS_OF_THE_TEST" in os.environ:  # in the process of an isolated task
    URL = os.environ["LOGS_OF_THE_TEST"]


def write_again(bucket, name, content):
    assert bucket.replace(name, content, bucket.stat(name).generation)


def built(*tasks, **options):
    done = build(list(tasks), **QUIET | options)
    assert done.succeeded, done
    return sorted(one.task if one.task == "Week" else f"{one.task}.{one.label}"
                  for one in done.built)  # fmt: skip


def copies():
    return list(Path("store/_fetched").rglob("*.txt"))


def test_each_file_is_asked_for_once_and_when_nothing_changed_only_a_listing_is(logs, gcs):
    with gcs.counted() as asked:
        assert len(built(Week())) == 4
    assert asked == {"list": 1, "media": 6}
    with gcs.counted() as asked:
        assert built(Week()) == []
    assert asked == {"list": 1}
    with gcs.counted() as asked:
        assert {step.verdict for step in plan(Week()).steps} == {"current"}
    assert asked.keys() <= {"list"}


def test_workers_and_processes_of_a_run_share_its_listing(logs, gcs):
    with gcs.counted() as asked:
        built(Week(), CountElsewhere(day="mon"), workers=2)
    assert asked["list"] == 1 and asked["media"] in (6, 8)


def test_a_corrected_object_rebuilds_what_saw_it_and_the_same_bytes_again_nothing(logs):
    built(Week())
    write_again(logs, "tue/a.txt", b"longer" * 9000)
    assert built(Week()) == ["Count.tue", "Week"]
    write_again(logs, "wed/b.txt", b"wed b" * 5000)
    assert built(Week()) == []
    logs.delete("mon/b.txt", logs.stat("mon/b.txt").generation)
    assert "Count.mon" in built(Week())


def test_a_late_object_of_a_day_is_another_content_of_that_day_alone(logs):
    built(Count(day="mon"), Count(day="tue"))
    logs.create("mon/c.txt", b"late")
    assert built(Count(day="mon"), Count(day="tue")) == ["Count.mon"]
    assert Count(day="mon").output().load()["c"] == 4


def test_a_day_that_is_not_there_is_named_with_its_address(logs, caplog):
    assert not build([Count(day="sun")], log_level="WARNING").succeeded
    assert f"Logs: {logs.url}/sun/* is not there; wait for the logs" in caplog.text


@pytest.mark.parametrize("kind", ["truncate", "flip", "reset", "status"])
def test_bytes_that_come_wrong_a_few_times_are_asked_for_again(logs, gcs, kind):
    with gcs.broken({"kind": kind, "times": 3, "match": MEDIA}) as hits:
        built(Count(day="mon"))
    assert hits == {kind: 3}
    assert Count(day="mon").output().load() == {"a": 25000, "b": 25000}


def test_bytes_that_come_wrong_every_time_are_refused_and_nothing_is_kept(logs, gcs):
    with gcs.broken({"kind": "flip", "match": MEDIA}):
        done = build([Count(day="mon")], **QUIET)
    (failed,) = done.failed
    assert "mon/a.txt" in failed.message and "checksum" in failed.message.lower()
    assert list(Path("store").glob("Count/*/*/manifest.json")) == [] and copies() == []
    assert built(Count(day="mon")) == ["Count.mon"]


class Liar(Bucket):
    """A bucket (or a proxy before it) whose bytes and checksums agree with one another alone."""

    def download(self, name, path, generation=None):
        path.write_bytes(b"z" * 25000)
        return True


def test_bytes_are_compared_with_the_listing_and_not_only_with_what_came_beside_them(logs):
    listing = SourceListing(Liar(logs.url), logs.list(), workshop.workshop().copies)
    path = next(iter(BucketPath(listing).glob("mon/a.txt")))
    with pytest.raises(CorruptPayload, match=r"mon/a.txt: expected 25,000 bytes with crc32c"):
        workshop.workshop().copies.bring_all([path])
    assert copies() == []


def test_an_object_replaced_after_the_listing_is_refused_unless_its_bytes_are_the_same(logs):
    folder = bucket_folder(URL, "[setlist] folder")
    bring = workshop.workshop().copies.bring_all
    write_again(logs, "mon/a.txt", b"mon a" * 5000)
    bring([folder / "mon" / "a.txt"])
    write_again(logs, "mon/b.txt", b"other")
    with pytest.raises(SourceChanged, match=r"mon/b.txt changed while it was being read"):
        bring([folder / "mon" / "b.txt"])
    logs.delete("tue/a.txt", logs.stat("tue/a.txt").generation)
    with pytest.raises(SourceMissing, match=r"tue/a.txt was there .* and is gone"):
        bring([folder / "tue" / "a.txt"])


def test_copies_are_removed_over_the_limit_once_nobody_reads_them(logs):
    config = configuration.get_config()
    config.set("engine", "source_cache_gigabytes", str(60_000 / (1 << 30)))
    built(Week())
    assert 0 < sum(path.stat().st_size for path in copies()) <= 60_000
    config.set("engine", "source_cache_gigabytes", "0")
    write_again(logs, "mon/a.txt", b"another" * 9000)
    built(Week())
    assert copies() == []


def test_a_listing_has_a_request_for_each_thousand_objects(logs, gcs):
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: logs.create(f"many/{number:04}.txt", b"x"), range(1200)))
    runs.begin()
    with gcs.counted() as asked:
        folder = bucket_folder(URL, "[setlist] folder")
        assert len(list((folder / "many").iterdir())) == 1200
    assert asked == {"list": 2}


NAMES = ["listens/day=2026-01-05/part-0.parquet", "listens/day=2026-01-05/part-10.parquet",
         "listens/day=2026-01-06/part-0.parquet", "listens/day=later/x", "pt_d=1.csv.gz",
         "pt_d=10.csv", "listens.txt", "a/b/c/d.json", "Listens/.hidden"]  # fmt: skip


@pytest.mark.parametrize("pattern", [
    "*", "*/day=????-??-??", "listens/day=2026-01-05/*.parquet", "pt_d=1.csv.gz", "pt_d=1*",
    "listens/day=2026-01-07/*.parquet", "a/*/c", "a/b/c/d.json/*", "[lL]istens/*", "**/*.json",
    "a/**/d.json", "nothing", "*/*",
])  # fmt: skip
def test_a_listing_is_looked_at_as_a_folder_is(tmp_path, gcs, pattern):
    bucket = Bucket(f"gs://{gcs.new_bucket()}/logs")
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
        bucket.create(name, name.encode())
    bucket.create("made-by-the-console/", b"")
    folder = BucketPath(SourceListing(bucket, bucket.list(), None))
    expected = [str(one.relative_to(tmp_path)) for one in sorted(tmp_path.glob(pattern))]
    assert [one.inside for one in sorted(folder.glob(pattern))] == expected
    assert sorted(one.name for one in folder.iterdir()) == sorted(os.listdir(tmp_path))
    for name in (*NAMES, "listens", "a/b", "pt_d", "absent/x"):
        here, there = tmp_path / name, folder / name
        assert (here.exists(), here.is_dir(), here.name) == (
            there.exists(), there.is_dir(), there.name)  # fmt: skip
        if here.is_file():
            assert here.stat().st_size == there.stat().st_size


def test_the_first_bytes_of_a_large_object_are_asked_for_once_and_compared(logs, gcs):
    logs.create("large.gz", gzip.compress(b"uid,label\n" + os.urandom(100_000)))
    runs.begin()
    path = bucket_folder(URL, "[setlist] folder") / "large.gz"
    with gcs.broken({"kind": "flip", "times": 1, "match": MEDIA}), path.open("rb") as file:
        assert gzip.GzipFile(fileobj=file).readline() == b"uid,label\n"
    with gcs.counted() as asked, path.open("rb") as file:
        assert file.read(2) == b"\x1f\x8b"
    assert asked == {}
    for head in Path("store/_heads").iterdir():
        head.write_bytes(head.read_bytes()[:-1])
    with gcs.counted() as asked, path.open("rb") as file:
        assert len(gzip.GzipFile(fileobj=file).read()) == 100_010
    assert asked == {"media": 3}


def test_a_bucket_that_is_missing_or_closed_is_told_by_the_setting_that_names_it(place, gcs):
    with pytest.raises(BucketMissing, match=r"such bucket.*Correct \[setlist\] folder in .*cfg\.$"):
        bucket_folder("gs://no-bucket-of-this-name/logs", "[setlist] folder")
    name = gcs.new_bucket()
    denied = {"kind": "status", "code": 403, "reason": "forbidden", "match": LIST}
    with gcs.broken(denied), pytest.raises(
        AccessDenied, match=r"storage.objects.list is denied.*roles/storage.objectViewer"
    ):
        bucket_folder(f"gs://{name}/logs", "[setlist] folder")


class Unlisted(SourceTask):
    def path(self):
        return "gs://bucket/name"


def test_an_address_as_text_is_refused_and_told_how_to_write_it(place):
    with pytest.raises(RecipeError, match=r"give a BucketPath"):
        Unlisted().complete()
