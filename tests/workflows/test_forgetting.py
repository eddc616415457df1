"""``setlist forget``: no byte names a forgotten listener, and only what did was built again."""

import datetime as dt
import json
import re

import pandas as pd
import pytest
from deployments import ENVIRONMENT, Deployment, read

from ml.privacy import PseudonymKey, pseudonym
from ml.world import World, generate_day
from tasks.engine.bucket import Bucket

SEGMENTS = "user_segmentation"
KEY = PseudonymKey(ENVIRONMENT["SETLIST_PSEUDONYM_KEY"].encode())
TABLES = ("listens", "tracks", "listeners", "consent")
DAYS = [dt.date(2026, 1, day) for day in range(1, 6)]


class Town:
    """A deployment whose source is files, so that whoever is forgotten is in no byte of ours."""

    def __init__(self, folder, listeners, days, **settings):
        self.home = Deployment(folder, source="parquet", folder="files", minimum_audience=5,
                               **{"shards": 2, **settings})  # fmt: skip
        self.frames = {day: generate_day(World(listeners=listeners), day) for day in days}
        for day, every in self.frames.items():
            for name in TABLES:
                partition = self.home.folder / "files" / name / f"day={day}"
                partition.mkdir(parents=True)
                every[f"{name}.parquet"].to_parquet(partition / "part-0.parquet")

    def cli(self, *arguments):
        """A command, as a person would give it: exit code and what it says to a machine."""
        done = self.home.python("-m", "workflows.cli", *arguments, "--json")
        assert done.stdout.startswith("{"), done.stdout + done.stderr
        return done.returncode, json.loads(done.stdout)

    def named(self, listeners):
        """The files of the whole deployment but its source in which somebody is named."""
        words = re.compile("|".join([*named(listeners), *map(re.escape, listeners)]))
        return {str(path.relative_to(self.home.folder))
                for path in (self.home.folder / "var").rglob("*")
                if path.is_file() and words.search(text_of(path))}  # fmt: skip

    def keenest(self, count, day):
        """Those who listened most on a day."""
        listens = self.frames[day]["listens.parquet"]
        return listens["listener"].value_counts(sort=True).index[:count].tolist()


def named(listeners):
    return pseudonym(pd.Series(listeners, dtype="str"), KEY).tolist()


def text_of(path):
    """All that a file says, tables as text: another way than the product's of looking."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv()
    return path.read_bytes().decode("latin-1")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Two days of partials in two shards, with leftovers of all kinds; five are forgotten."""
    town = Town(tmp_path_factory.mktemp("town") / "home", 60, DAYS[:2])
    tasks = [("tasks.summaries", "SummariseDay", {"family": SEGMENTS, "day": day, "shard": shard})
             for day in DAYS[:2] for shard in (0, 1)]  # fmt: skip
    town.home.build_all(*tasks)
    town.gone = town.keenest(5, DAYS[0])
    (name, *_), root = named(town.gone), town.home.root
    grave = root / "_corrupt" / "ShardDay" / "listens.2026-01-01.0" / "00-aa"
    town.leftovers = [grave / "payload.json", root / "_staging" / "killed" / "payload.txt",
                      root / "_fetched" / "files" / "a.csv"]  # fmt: skip
    for path in town.leftovers:
        path.parent.mkdir(parents=True)
        path.write_text(f"{name} {town.gone[1]}")
    with next((root / "_runs").glob("*.jsonl")).open("a") as record:
        record.write(json.dumps({"task": "X", "message": f"row of {name}"}) + "\n")
    town.looked = town.cli("forget", *town.gone, "--dry-run")
    assert not (town.home.folder / "var" / "forgotten.csv").exists()
    town.before = town.named(town.gone), town.home.artifacts()
    (town.home.folder / "asked.csv").write_text("\n".join(["listener", *town.gone[2:]]) + "\n")
    town.code, town.told = town.cli("forget", *town.gone[:2], "stranger-000001", "--file",
                                    "asked.csv")  # fmt: skip
    return town


def test_looking_only_changes_nothing_and_tells_what_names_them(town):
    code, told = town.looked
    assert code == 0 and told["nowhere"] == []
    assert {"IngestDay", "ShardDay", "SummariseDay", "(staging)"} <= told["named_in"].keys()
    assert len(town.before[0]) > 10


def test_no_byte_names_them_afterwards(town):
    assert (town.code, town.told["complete"]) == (0, True), town.told
    left = town.named([*town.gone, "stranger-000001"])
    assert left == {"var/forgotten.csv"}, "the list itself, by which they are left out"
    assert not any(path.exists() for path in town.leftovers)


def test_the_others_are_as_they_were_and_nobody_else_is_gone(town):
    for day in DAYS[:2]:
        shards = [town.home.frame("ShardDay", f"listens.{day}.{shard}") for shard in (0, 1)]
        kept = pd.concat(shards)["listener"]
        every = set(town.frames[day]["listens.parquet"]["listener"])
        assert set(kept) == set(named(sorted(every - set(town.gone))))


def test_only_what_depended_on_them_was_built_again(town):
    built = town.told["rebuilt"]
    assert built.keys() == {"Forgotten", "IngestDay", "ShardDay", "SummariseDay"}
    assert not any(one["came out as before"] for task, one in built.items() if task != "IngestDay")
    swept = {task: count for task, (count, _) in town.told["swept"].items()}
    assert swept["ShardDay"] >= built["ShardDay"]["built"]
    tracks = [path for path in town.before[1] if "tracks." in str(path)]
    assert tracks and set(tracks) <= town.home.artifacts()


def test_a_listener_who_occurs_nowhere_is_said_and_recorded(town):
    assert town.told["nowhere"] == ["stranger-000001"]
    assert "stranger-000001" in read(town.home.folder / "var" / "forgotten.csv")
    assert town.told["listeners"] == {"asked": 6, "new": 6, "listed": 6, "nowhere": 1}


def test_the_report_proves_it_and_names_nobody(town):
    [page] = town.home.root.glob("ForgetListeners/*/*/report.html")
    assert town.told["report"] == str(page)
    text = read(page)
    assert "None was found." in text and "<h1>Forgotten</h1>" in text
    assert town.told["searched"]["files"] > 50 and town.told["remaining"] == []


def test_asking_again_finds_nothing_to_do(town):
    code, told = town.cli("forget", town.gone[0])
    assert (code, told["rebuilt"], told["swept"]) == (0, {}, {})
    assert told["listeners"]["new"] == 0 and told["nowhere"] == [town.gone[0]]


def test_a_bucket_and_its_copies_on_this_machine_are_swept_too(any_gcs, tmp_path):
    bucket = Bucket(f"gs://{any_gcs.new_bucket()}/store")
    town = Town(tmp_path / "home", 40, DAYS[:1], root=bucket.url, shards=1)
    [gone], day = town.keenest(1, DAYS[0]), DAYS[0]
    done = town.home.run("tasks.ingest", "ShardDay", table="listens", day=day, shard=0)
    assert done.returncode == 0, done.stderr
    bucket.create("_corrupt/ShardDay/listens.2026-01-01.0/00-aa/payload.txt", gone.encode())
    before = town.named([gone])
    assert any("var/cache" in one and "ShardDay" in one for one in before)
    code, told = town.cli("forget", gone)
    assert (code, told["complete"], told["remaining"]) == (0, True, [])
    assert {"IngestDay", "ShardDay", "(set aside as damaged)"} <= told["swept"].keys()
    assert town.named([gone]) == {"var/forgotten.csv"}
    for stored in bucket.list():
        path = tmp_path / stored.name.rpartition("/")[2]
        assert bucket.download(stored.name, path)
        assert not any(one in text_of(path) for one in (gone, *named([gone])))


def night_of(day):
    """A model decided and published, segments assigned, audiences built."""
    about = {"family": SEGMENTS, "day": day}
    return [("tasks.publishing", "PublishModel", about),
            ("tasks.audiences", "BuildAudience", about),
            ("tasks.membership", "SummariseMembership", about)]  # fmt: skip


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """Two whole nights of one family; then a hundred of six hundred listeners are forgotten."""
    city = Town(tmp_path_factory.mktemp("city") / "home", 600, DAYS)
    for day in DAYS[3:]:
        city.home.build_all(*night_of(day))
    listeners = city.frames[DAYS[0]]["listeners.parquet"]["listener"]
    city.gone = [*city.keenest(50, DAYS[4]), *listeners.sample(70, random_state=1)]
    city.gone = list(dict.fromkeys(city.gone))[:100]
    city.before = city.home.artifacts()
    pd.DataFrame({"listener": city.gone}).to_csv(city.home.folder / "asked.csv", index=False)
    city.code, city.told = city.cli("forget", "--file", "asked.csv", "--nights", "1")
    return city


@pytest.mark.long
def test_a_hundred_are_forgotten_without_a_trace_in_any_byte(city):
    assert (city.code, city.told["complete"]) == (0, True), city.told["remaining"]
    assert city.named(city.gone) == {"var/forgotten.csv"}
    assert (city.home.folder / "var" / "registry.db").exists()


@pytest.mark.long
def test_only_what_depended_on_the_hundred_was_built_again(city):
    built = city.told["rebuilt"]
    assert {"Forgotten", "IngestDay", "ShardDay", "TrainModel", "BuildAudience"} <= built.keys()
    assert "AssignSegments" in built and len(city.told["shortened"]) == 1 * 2
    untouched = [path for path in city.before if path.parts[1].startswith("tracks.")]
    assert untouched and set(untouched) <= city.home.artifacts()
    assert city.home.build_all(*night_of(DAYS[4])) == []


@pytest.mark.long
def test_the_models_change_is_in_the_report(city):
    [model] = [one for one in city.told["models"] if one["night"] == str(DAYS[4])]
    before, after = model["before"], model["after"]
    assert before["rows"] > after["rows"] > 0 and before["digest"] != after["digest"]
    assert before["metrics"].keys() == after["metrics"].keys()
    page = read(next(city.home.root.glob("ForgetListeners/*/*/report.html")))
    assert SEGMENTS in page and f"{after['rows']:,}" in page
    membership = city.home.frame("AssignSegments", f"{SEGMENTS}.{DAYS[3]}.0")
    assert len(membership) > 100 and set(named(city.gone)).isdisjoint(membership["listener"])
