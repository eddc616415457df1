"""A deployment whose source lies in a bucket ingests what it would from a folder, and no more."""

import datetime as dt
import gzip
import io
import json
import os

import pandas as pd
import pytest
from deployments import Deployment
from luigi import configuration
from test_score_only import ad_log

from ml.world import World, generate_day
from tasks.deployment import deployment
from tasks.engine import runs
from tasks.engine.bucket import Bucket
from tasks.engine.configured import Misconfigured

FIRST = dt.date(2026, 1, 1)
DAYS = [FIRST + dt.timedelta(number) for number in range(3)]
TABLES = ("listens", "listeners", "tracks", "impressions", "outcomes", "campaigns", "consent",
          "forgotten")  # fmt: skip
EXAMPLES = [("tasks.examples", "BuildExamples",
             {"family": "ad_targeting", "day": DAYS[1], "shard": 0})]  # fmt: skip


def days_of_the_world(folder, listeners=120):
    """Days of all tables as Parquet partitions, a large table in two files."""
    for day in DAYS:
        for file, frame in generate_day(World(listeners=listeners), day).items():
            partition = folder / file.removesuffix(".parquet") / f"day={day}"
            partition.mkdir(parents=True)
            middle = len(frame) // 2
            frame[:middle].to_parquet(partition / "part-0.parquet")
            frame[middle:].to_parquet(partition / "part-1.parquet")


@pytest.fixture(scope="module")
def both(any_gcs, tmp_path_factory):
    """The same three days in a folder and in a bucket; examples were built from each."""
    here = Deployment(tmp_path_factory.mktemp("here"), source="parquet", folder="files")
    days_of_the_world(here.folder / "files")
    bucket = Bucket(f"gs://{any_gcs.new_bucket()}/logs/v1")
    for path in (here.folder / "files").rglob("*.parquet"):
        bucket.create(path.relative_to(here.folder / "files").as_posix(), path)
    there = Deployment(tmp_path_factory.mktemp("there"), source="parquet", folder=bucket.url)
    built = [place.build_all(*EXAMPLES) for place in (here, there)]
    assert sorted(built[0]) == sorted(built[1])
    return here, there, bucket


def manifests(place):
    found = {}
    for path in place.root.glob("[!_]*/*/*/manifest.json"):
        said = json.loads(path.read_text())
        found[f"{said['task']} {said['label']}"] = said
    return found


def test_what_is_ingested_from_a_bucket_is_what_is_ingested_from_a_folder(both):
    """Its source has another digest, so ingestion has another key; all above it has the same."""
    here, there = (manifests(place) for place in both[:2])
    assert len([name for name in here if name.startswith("IngestDay")]) >= 6
    assert {name: one["digest"] for name, one in here.items()} == {
        name: one["digest"] for name, one in there.items()}  # fmt: skip
    differ = {name.split()[0] for name, one in here.items() if one["key"] != there[name]["key"]}
    assert differ == {"IngestDay"}


def test_when_nothing_changed_a_run_asks_for_one_listing_and_downloads_nothing(both, gcs):
    with gcs.counted() as asked:
        assert both[1].build_all(*EXAMPLES) == []
    assert asked == {"list": 1}


def test_a_corrected_object_has_its_day_ingested_again_and_no_other(both, gcs):
    _, there, bucket = both
    name = f"impressions/day={DAYS[0]}/part-1.parquet"
    corrected, before = there.folder / "corrected.parquet", bucket.read(name)
    pd.read_parquet(io.BytesIO(before))[:-3].to_parquet(corrected)
    assert bucket.replace(name, corrected, bucket.stat(name).generation)
    with gcs.counted() as asked:
        built = there.build_all(*EXAMPLES)
    assert [one for one in built if one.startswith("IngestDay")] == [
        f"IngestDay impressions.{DAYS[0]}"]  # fmt: skip
    assert asked["list"] == 1 and asked["media"] <= 2
    assert bucket.replace(name, before, bucket.stat(name).generation)
    assert there.build_all(*EXAMPLES) == []


def test_a_bad_object_is_told_by_its_place_and_a_late_one_by_its_address(both):
    _, there, bucket = both
    late = DAYS[-1] + dt.timedelta(1)
    done = there.run("tasks.ingest", "IngestDay", table="tracks", day=late)
    assert done.returncode == 20
    assert f"SourceDay: {bucket.url}/tracks/day={late}/*.parquet is not there" in done.stderr
    bucket.create(f"tracks/day={late}/part-0.parquet", b"PAR1 but not whole")
    done = there.run("tasks.ingest", "IngestDay", table="tracks", day=late)
    assert done.returncode == 30 and "SourceUnreadable" in done.stderr
    place = f"{bucket.name}/tracks+day={late}/"
    assert place in done.stderr and "part-0.parquet cannot be read" in done.stderr
    assert not [name for name in manifests(there) if name == f"IngestDay tracks.{late}"]


@pytest.fixture
def settings(place):
    """Settings of section ``[setlist]``, in this process."""
    config = configuration.get_config()
    before = dict(config.items("setlist")) if config.has_section("setlist") else {}

    def change(**values):
        for name, value in values.items():
            config.set("setlist", name, value)

    yield change
    config.remove_section("setlist")
    for name, value in before.items():
        config.set("setlist", name, value)


@pytest.mark.filterwarnings("ignore:SETLIST_PSEUDONYM_KEY")
def test_whether_a_day_has_labels_is_seen_in_the_first_bytes_of_its_file(settings, gcs):
    bucket = Bucket(f"gs://{gcs.new_bucket()}/ads")
    for number in (1, 2):
        frame = ad_log(number) if number == 1 else ad_log(number).drop(columns="label")
        text = frame.to_csv(index=False) + os.urandom(30_000).hex()
        bucket.create(f"pt_d={number}.csv.gz", gzip.compress(text.encode(), 1))
    settings(source="digix", folder=bucket.url)
    days = [dt.date(2020, 1, number) for number in (1, 2, 3)]
    for medias in (4, 0):
        runs.begin()
        with gcs.counted() as asked:
            here = deployment()
            assert here.days() == days[:2] and here.last_day == days[1]
            assert [here.labelled(day) for day in days] == [True, False, True]
            assert [here.answered(day) for day in days] == [True, False, False]
        assert asked.get("media", 0) == medias
        assert asked.get("list", 0) <= 1 and asked.keys() <= {"list", "media"}


@pytest.mark.filterwarnings("ignore:SETLIST_PSEUDONYM_KEY")
@pytest.mark.parametrize("source, name, day", [
    ("eventlog", "2018-11-02-events.json", dt.date(2018, 11, 2)),
    ("lastfm", "artists.dat", dt.date(2011, 5, 1)),
])  # fmt: skip
def test_the_days_of_every_source_are_read_off_a_listing(settings, gcs, source, name, day):
    bucket = Bucket(f"gs://{gcs.new_bucket()}")
    bucket.create(name, b"x")
    settings(source=source, folder=bucket.url + "/")
    assert deployment().days() == [day]


@pytest.mark.filterwarnings("ignore:SETLIST_PSEUDONYM_KEY")
def test_an_empty_prefix_and_lists_in_a_bucket_are_refused_by_their_settings(settings, gcs):
    url = f"gs://{gcs.new_bucket()}/nothing"
    settings(source="parquet", folder=url)
    with pytest.raises(Misconfigured, match=rf"no day of source parquet in {url}. Set \[setlist\]"):
        deployment().days()
    settings(forgotten=f"{url}/forgotten.csv")
    with pytest.raises(Misconfigured, match=r"\[setlist\] forgotten .* must be on this machine"):
        deployment()
    settings(forgotten="", folder="s3://elsewhere/logs")
    with pytest.raises(Exception, match=r"\[setlist\] folder is 's3://elsewhere/logs'; a bucket"):
        deployment().days()
