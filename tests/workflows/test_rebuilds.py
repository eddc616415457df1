"""The rebuild matrix: after each change, exactly what depends on it is built, and no more.

A kitchen garden that knows nothing of Setlist (`rebuild_project/`) is run through real Luigi
in five modes: its own scheduler and a real `luigid`, with one worker process and with two, on a
store in a folder; and the last of these on a bucket (a real server that keeps generations).
Every run is a fresh process. After every one, the value is compared with what plain function
calls give (0 stale), the plan taken before with what was then built, and `why` with what had
been changed.
"""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from garden_stores import BucketOf, FolderOf

PROJECT = Path(__file__).parent / "rebuild_project"
REPOSITORY = PROJECT.parents[2]

MODES = [
    {"name": "local scheduler, one worker", "workers": 1, "central": False},
    {"name": "local scheduler, two workers", "workers": 2, "central": False},
    {"name": "luigid, one worker", "workers": 1, "central": True},
    {"name": "luigid, two workers", "workers": 2, "central": True},
    {"name": "a bucket, luigid, two workers", "workers": 2, "central": True, "bucket": True},
]
ON_A_BUCKET = MODES[-1]

RAINFALLS = ["Rainfall 1", "Rainfall 2", "Rainfall 3"]
MARKET = ["Harvest herbs.3", "Harvest roots.3", "Stall 3"]
FERTILIZER = "def boost(grams):\n    return grams + 10\n"
FLOWERS = '"flowers": Family("flowers", price=9),'
EVERYTHING = ["Beds", *RAINFALLS, "Watered 3", "Growth 3", *MARKET]


class Garden:
    """The project in a folder of its own, with sources and a store for every mode."""

    def __init__(self, folder, port, bucket, every=MODES):
        self.folder = folder
        self.port = port
        self.bucket = bucket
        self.every = every
        self.prefix = uuid.uuid4().hex[:8]

    def modes(self):
        """What the driver needs to know of each mode."""
        return [
            {"name": mode["name"], "workers": mode["workers"], "folder": str(place),
             "port": self.port if mode["central"] else None, "root": store.root,
             "engine": mode.get("engine", "luigi")}
            for mode, place, store in zip(self.every, self.places(), self.stores(), strict=True)
        ]  # fmt: skip

    def stores(self):
        """The store of each mode."""
        url = f"gs://{self.bucket}/{self.prefix}"
        return [BucketOf(place, url) if mode.get("bucket") else FolderOf(place)
                for mode, place in zip(self.every, self.places(), strict=True)]

    def copied_to(self, folder):
        """The garden and all that was built in it, once more."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        copy = Garden(folder, self.port, self.bucket, self.every)
        for old, new in zip(self.stores(), copy.stores(), strict=True):
            old.copy_to(new)
        before, after = (one.places()[-1] / "cache" / self.bucket for one in (self, copy))
        if before.exists():
            (after / self.prefix).rename(after / copy.prefix)
        return copy

    def places(self):
        """The folder of each mode."""
        return [self.folder / f"mode-{number}" for number in range(len(self.every))]

    def edit(self, module, old, new):
        """Change the code, as a person would in an editor."""
        path = self.folder / "garden" / module
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} is not once in {module}"
        path.write_text(text.replace(old, new))

    def write(self, name, what):
        """Write a source, in every mode's folder."""
        for place in self.places():
            (place / "data").mkdir(parents=True, exist_ok=True)
            (place / "data" / name).write_text(json.dumps(what))

    def install(self, name, version, body):
        """Install a distribution with one package, or upgrade it."""
        site = self.folder / "site"
        for old in site.glob(f"{name}-*.dist-info"):
            shutil.rmtree(old)
        (site / name).mkdir(parents=True, exist_ok=True)
        (site / name / "__init__.py").write_text(body)
        about = site / f"{name}-{version}.dist-info"
        about.mkdir()
        said = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", ""]
        (about / "METADATA").write_text("\n".join(said))

    def payloads(self, artifact):
        """The payload file of an artifact in every mode's store."""
        return [store.payload(artifact) for store in self.stores()]

    def environment(self):
        places = [self.folder, self.folder / "site", REPOSITORY]
        return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places)),
                "LUIGI_CONFIG_PATH": str(self.folder / "luigi.cfg"),
                "PYTHONDONTWRITEBYTECODE": "1"}

    def ask(
        self, task="Stall", do="run_once", settings=(), workers=None, modes=None, **parameters
    ):
        """Do something in every mode (or in some); what the driver found, by mode."""
        modes = [{**mode, "workers": workers or mode["workers"]} for mode in self.modes()
                 if mode["name"] in [one["name"] for one in modes or self.every]]
        spec = {"do": do, "task": task, "parameters": parameters or {"day": 3}, "modes": modes,
                "settings": settings}  # fmt: skip
        done = subprocess.run(
            [sys.executable, "driver.py", json.dumps(spec)], cwd=self.folder,
            env=self.environment(), capture_output=True, text=True, timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def run(self, *args, **kwargs):
        """Run in every mode; one report per mode."""
        found = self.ask(*args, **kwargs)
        return [Report(mode=mode, **report) for mode, report in found.items()]


@dataclasses.dataclass
class Report:
    """What a run did, in one mode."""

    mode: str
    plan: dict
    expected: dict
    built: list
    reused: list
    failed: list
    incomplete: list
    status: str
    unsettled: list
    why: dict
    value: object
    truth: object

    def planned(self, verdict):
        return {task for task, said in self.plan.items() if said == verdict}


def check(report, rebuilt, because=None, unforeseen=()):
    """A run built exactly ``rebuilt``, as planned, for the reason given, and is right."""
    where = report.mode
    assert report.failed == [] and report.incomplete == [], where
    assert sorted(report.built) == sorted(rebuilt), where
    assert report.value == report.truth, where
    assert report.unsettled == [], where
    certain, possible = report.planned("build"), report.planned("maybe")
    foreseen = set(rebuilt) - set(unforeseen)
    assert certain <= foreseen <= certain | possible, where
    assert set(report.reused) == possible - foreseen, where
    assert all(report.why[task] for task in rebuilt), where
    if because is not None:
        assert because in "; ".join(report.why[rebuilt[0]]), where
        if rebuilt[0] in foreseen:
            assert because in "; ".join(report.expected[rebuilt[0]]), where


@pytest.fixture(scope="session")
def planted(tmp_path_factory, luigid, any_gcs):
    """A garden built once in every mode; rows work on copies of it."""
    return plant(Garden(tmp_path_factory.mktemp("planted"), luigid, any_gcs.new_bucket()))


def plant(garden):
    """Write the sources, and build everything for the first time."""
    shutil.copytree(PROJECT, garden.folder, dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns("__pycache__"))
    garden.write("soil.json", [{"name": "east", "humus": 3}, {"name": "west", "humus": 5}])
    for day in range(1, 6):
        garden.write(f"rain-{day}.json", [day + 10.25, day + 20.25])
    garden.install("fertilizer", "1.0", FERTILIZER)
    garden.install("gnomes", "1.0", "def paint():\n    return 'red'\n")
    for report in garden.run():
        check(report, EVERYTHING, because="first build")
    return garden


@pytest.fixture
def garden(planted, tmp_path):
    """A copy of the planted garden, to change and to run again."""
    return planted.copied_to(tmp_path)


def edited(module, old, new):
    """A change of the code."""
    return lambda garden: garden.edit(module, old, new)


def written(name, what):
    """A change of a source."""
    return lambda garden: garden.write(name, what)


def touched(garden):
    for place in garden.places():
        for source in (place / "data").iterdir():
            os.utime(source, (time.time() + 60,) * 2)


def deleted(artifact):
    def change(garden):
        for payload in garden.payloads(artifact):
            payload.remove()
    return change


def truncated(garden):
    for payload in garden.payloads("Growth 3"):
        payload.write_bytes(payload.read_bytes()[:-3])


def flipped(garden):
    for payload in garden.payloads("Growth 3"):
        text = payload.read_bytes().decode()
        digit = next(letter for letter in text if letter.isdigit())
        payload.write_bytes(text.replace(digit, str((int(digit) + 1) % 10), 1).encode())


def both(*changes):
    def change(garden):
        for one in changes:
            one(garden)
    return change


def upgraded(name, body):
    return lambda garden: garden.install(name, "1.1", body)


GATHERED_OTHERWISE = edited("market.py", "worth(growth[name] + w", "worth(1 + growth[name] + w")

ROWS = {
    "input content changed": (
        written("soil.json", [{"name": "east", "humus": 4}, {"name": "west", "humus": 7}]),
        ["Beds", "Watered 3", "Growth 3", *MARKET], "input soil changed",
    ),
    "input of one day changed": (
        written("rain-2.json", [90]), ["Rainfall 2", "Growth 3", *MARKET], "input rain changed",
    ),
    "input touched, same bytes": (touched, [], None),
    "input written again, same bytes": (written("rain-2.json", [12.25, 22.25]), [], None),
    "input outside the window changed": (written("rain-5.json", [90]), [], None),
    "upstream changed with identical output": (
        written("rain-2.json", [12.25, 22.00]), ["Rainfall 2"], "input rain changed",
    ),
    "a bound value of a middle task": (
        edited("graph.py", "thirst=2", "thirst=1"), ["Growth 3", *MARKET],
        "value thirst 2 -> 1",
    ),
    "a bound value inside a dataclass": (
        edited("families.py", "price=2", "price=3"), ["Harvest roots.3", "Stall 3"],
        "value family.price 2 -> 3",
    ),
    "body of a task's own function": (
        edited("growing.py", "left = evaporate(", "left = 1 + evaporate("),
        ["Watered 3", *MARKET], "code garden.growing:water changed",
    ),
    "body of the last task's function in the same file": (
        edited("market.py", "+ garden.BUNCH", "+ 2 * garden.BUNCH"), ["Stall 3"],
        "code garden.market:lay_out changed",
    ),
    "a helper in another module": (
        edited("weather.py", "mm - warmth(HEAT)", "mm - 1 - warmth(HEAT)"),
        ["Watered 3", *MARKET], "code garden.weather:evaporate changed",
    ),
    "a constant in a helper module": (
        edited("weather.py", "HEAT = 3", "HEAT = 4"), ["Watered 3", *MARKET],
        "code garden.weather:HEAT changed",
    ),
    "a constant in a package's __init__": (
        edited("__init__.py", "BUNCH = 10", "BUNCH = 12"), ["Stall 3"], "code garden:BUNCH changed",
    ),
    "a helper of a helper": (
        edited("weather.py", "degrees * 2", "degrees * 3"), ["Watered 3", *MARKET],
        "code garden.weather:warmth changed",
    ),
    "a method reached through a class": (
        edited("weather.py", "self.size + self.cover", "2 * self.size + self.cover"),
        ["Watered 3", *MARKET], "code garden.weather:Cloud changed",
    ),
    "a class attribute": (
        edited("weather.py", "cover = 4", "cover = 5"), ["Watered 3", *MARKET],
        "code garden.weather:Cloud changed",
    ),
    "a method of a bound value's class": (
        edited("families.py", "grams * self.price", "grams * self.price + 1"), MARKET,
        "code garden.families:Family changed",
    ),
    "a decorator's code": (
        edited("marks.py", "max(value, lowest)", "max(value + 1, lowest)"),
        ["Watered 3", *MARKET], "code garden.marks:never_below changed",
    ),
    "a decorator's argument": (
        edited("growing.py", "never_below(1)", "never_below(1000)"), ["Watered 3", *MARKET],
        "code garden.growing:water changed",
    ),
    "a default argument": (
        edited("growing.py", "patience=2", "patience=3"), ["Growth 3", *MARKET],
        "code garden.growing:grow changed",
    ),
    "a comment": (
        edited("market.py", "import garden\n", "import garden  # the package\n"), [], None,
    ),
    "a docstring": (
        edited("market.py", '"""The stall\'s takings by family."""', '"""What we earn."""'),
        [], None,
    ),
    "a docstring taken away": (
        edited("market.py", '    """The stall\'s takings by family."""\n', ""), [], None,
    ),
    "formatting": (
        edited("growing.py", "// thirst + patience\n", "// (\n            thirst) + patience\n"),
        [], None,
    ),
    "a comment in a helper": (
        edited("weather.py", "# Nothing evaporates by night.", "# Not by night."), [], None,
    ),
    "a new unrelated function": (
        edited("weather.py", "class Cloud:", "def drizzle():\n    return 1\n\n\nclass Cloud:"),
        [], None,
    ),
    "a function that nobody calls": (
        edited("growing.py", "return gnomes.paint()", "return gnomes.paint() * 2"), [], None,
    ),
    # Syntax counts, not meaning: the task itself is rebuilt, and what it gives is as before.
    "a renamed local variable": (
        both(edited("growing.py", "total = sum", "millimetres = sum"),
             edited("growing.py", "(total *", "(millimetres *")),
        ["Growth 3"], "code garden.growing:grow changed",
    ),
    "an output deleted in the middle": (deleted("Growth 3"), ["Growth 3"], "payload"),
    "an output deleted at the end": (deleted("Stall 3"), ["Stall 3"], "payload"),
    "a payload truncated": (truncated, ["Growth 3"], "payload"),
    "a payload truncated, then consumed": (
        both(truncated, GATHERED_OTHERWISE), ["Growth 3", *MARKET], "payload",
    ),
    "version of a reached library changed": (
        upgraded("fertilizer", "def boost(grams):\n    return grams + 30\n"),
        ["Growth 3", *MARKET], "library fertilizer 1.0 -> 1.1",
    ),
    "version of a reached library changed, nothing else": (
        upgraded("fertilizer", "def boost(grams):\n    return 10 + grams\n"), ["Growth 3"],
        "library fertilizer 1.0 -> 1.1",
    ),
    "version of an unreached library changed": (
        upgraded("gnomes", "def paint():\n    return 'blue'\n"), [], None,
    ),
    "a new family added": (
        edited("families.py", 'price=2),\n', f'price=2),\n    {FLOWERS}\n'),
        ["Harvest flowers.3", "Stall 3"], "first build",
    ),
    "nothing changed": (lambda garden: None, [], None),
}  # fmt: skip


@pytest.mark.parametrize("change, rebuilt, because", ROWS.values(), ids=ROWS)
def test_exactly_what_depends_on_a_change_is_rebuilt(garden, change, rebuilt, because):
    change(garden)
    for report in garden.run():
        check(report, rebuilt, because)


def test_flipped_bytes_are_never_computed_on(garden):
    both(flipped, GATHERED_OTHERWISE)(garden)
    for report in garden.run():
        # A plan looks at sizes; bytes are read when something consumes them.
        check(report, ["Growth 3", *MARKET], unforeseen=["Growth 3"])
        assert "payload" in "; ".join(report.why["Growth 3"]), report.mode
        assert "expected sha256" in "; ".join(report.why["Growth 3"]), report.mode
    for store in garden.stores():
        assert store.graves("Growth 3") == 1


@pytest.mark.parametrize(
    "change, revert, rebuilt",
    [
        pytest.param(edited("graph.py", "thirst=2", "thirst=1"),
                     edited("graph.py", "thirst=1", "thirst=2"), ["Growth 3", *MARKET],
                     id="a value"),
        pytest.param(edited("weather.py", "HEAT = 3", "HEAT = 4"),
                     edited("weather.py", "HEAT = 4", "HEAT = 3"), ["Watered 3", *MARKET],
                     id="code"),
        pytest.param(written("rain-2.json", [90]), written("rain-2.json", [12.25, 22.25]),
                     ["Rainfall 2", "Growth 3", *MARKET], id="an input"),
        pytest.param(upgraded("fertilizer", "def boost(grams):\n    return grams + 30\n"),
                     lambda garden: garden.install("fertilizer", "1.0", FERTILIZER),
                     ["Growth 3", *MARKET], id="a library"),
    ],
)  # fmt: skip
def test_a_change_and_its_revert_build_once_and_then_nothing(garden, change, revert, rebuilt):
    before = garden.run()
    change(garden)
    for report in garden.run():
        check(report, rebuilt)
    revert(garden)
    for report, first in zip(garden.run(), before, strict=True):
        check(report, [])
        assert report.value == first.value


def test_a_new_task_at_the_end_is_built_alone(garden):
    announce = "def announce(stall):\n    return {'today': stall}\n"
    garden.edit("market.py", "import garden\n", f"import garden\n\n\n{announce}")
    with (garden.folder / "garden" / "graph.py").open("a") as graph:
        graph.write("""

class Poster(ArtifactTask):
    day = luigi.IntParameter()

    def requires(self):
        return {"stall": Stall(day=self.day)}

    def recipe(self):
        return market.announce
""")
    for report in garden.run("Poster"):
        check(report, ["Poster 3"], "first build")


def test_another_day_builds_what_is_new_in_its_window_and_back_builds_nothing(garden):
    next_day = ["Rainfall 4", "Watered 4", "Growth 4",
                "Harvest herbs.4", "Harvest roots.4", "Stall 4"]  # fmt: skip
    for report in garden.run(day=4):
        check(report, next_day, "first build")
    for report in garden.run(day=3):
        check(report, [])


@pytest.mark.parametrize(
    "setting",
    [
        pytest.param({"day": 3, "notify": "the gardener"}, id="an insignificant parameter"),
        pytest.param({"workers": 3}, id="workers"),
        pytest.param({"settings": [["engine", "lease_seconds", "5"],
                                   ["engine", "isolated_timeout_seconds", "60"]]},
                     id="the engine's"),
    ],
)  # fmt: skip
def test_an_insignificant_setting_builds_nothing(garden, setting):
    for report in garden.run(**setting):
        check(report, [])


def test_two_runs_at_once_build_each_key_once(garden):
    for store in garden.stores():
        store.clear()
    for mode, twins in garden.ask(do="run_twice_at_once").items():
        first, second = (Report(mode=mode, **twin) for twin in twins)
        assert sorted(first.built + second.built) == sorted(EVERYTHING), mode
        for twin in (first, second):
            assert twin.failed == twin.incomplete == twin.unsettled == [], mode
            assert twin.value == twin.truth, mode


def check_kills(found, steps, rebuilt):
    """A run killed at any write leaves nothing wrong, and the next one finishes the work."""
    for mode, report in found.items():
        survivor = Report(mode=mode, **report["survivor"])
        assert sorted(survivor.built) == sorted(rebuilt), mode
        assert len(report["kills"]) >= steps * len(rebuilt), mode
        for number, kill in enumerate(report["kills"], 1):
            where = f"{mode}, killed at write {number}"
            after = Report(mode=mode, **kill["after"])
            assert after.value == after.truth == survivor.value, where
            assert after.failed == after.incomplete == after.unsettled == [], where
            assert after.planned("build") <= set(after.built) <= set(rebuilt), where
            if kill["claimed"] is not None:
                claimed = Report(mode=mode, **kill["claimed"])
                assert claimed.incomplete or claimed.value == claimed.truth, where


def test_a_kill_at_any_write_leaves_nothing_that_counts_as_built(garden):
    garden.edit("market.py", "+ garden.BUNCH", "+ 2 * garden.BUNCH")
    check_kills(garden.ask(do="kill_at_every_step", modes=MODES[:-1]), 8, ["Stall 3"])


def test_a_kill_at_any_write_to_a_bucket_leaves_nothing_that_counts_as_built(garden):
    garden.edit("market.py", "+ garden.BUNCH", "+ 2 * garden.BUNCH")
    found = garden.ask(do="kill_at_every_step", modes=[ON_A_BUCKET], workers=1)
    check_kills(found, 12, ["Stall 3"])


@pytest.mark.long
def test_a_kill_while_a_bad_payload_is_replaced_leaves_the_good_one_or_none(garden):
    both(flipped, edited("families.py", "price=2", "price=3"))(garden)
    found = garden.ask(do="kill_at_every_step", modes=MODES[:-1])
    check_kills(found, 8, ["Growth 3", "Harvest roots.3", "Stall 3"])


def test_a_kill_during_the_first_build_leaves_nothing_that_counts_as_built(garden):
    for store in garden.stores():
        store.clear()
    found = garden.ask("Watered", do="kill_at_every_step", modes=MODES[:1])
    check_kills(found, 8, ["Beds", "Rainfall 3", "Watered 3"])


@pytest.fixture
def command(garden):
    """Luigi's own command, in the first mode's folder."""
    def run(task, *options):
        return subprocess.run(
            [sys.executable, "-m", "luigi", "--module", "garden.graph", task, *options],
            cwd=garden.places()[0], env=garden.environment(), capture_output=True, text=True,
            timeout=120,
        )  # fmt: skip
    return run


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("central", [False, True], ids=["local scheduler", "luigid"])
def test_luigis_own_command_builds_the_same(garden, command, planted, central, workers):
    shutil.rmtree(garden.places()[0] / "store")
    scheduler = (["--scheduler-host", "127.0.0.1", "--scheduler-port", str(garden.port)]
                 if central else ["--local-scheduler"])  # fmt: skip
    done = command("Stall", "--day", "3", "--workers", workers, *scheduler)
    assert done.returncode == 0, done.stderr
    assert "This progress looks :)" in done.stderr
    assert artifacts(garden.places()[0]) == artifacts(planted.places()[0])
    again = command("Stall", "--day", "3", "--workers", workers, *scheduler)
    assert again.returncode == 0 and "ran successfully" not in again.stderr


def artifacts(place):
    """Every artifact of a store with its payload."""
    return {path.parent.relative_to(place / "store").as_posix(): path.read_bytes()
            for path in place.glob("store/[A-Z]*/*/*/payload.json")}  # fmt: skip


def test_the_command_fails_when_a_recipe_raises(garden, command):
    garden.edit("market.py", "+ garden.BUNCH", "+ garden.LOST")
    done = command("Stall", "--day", "3", "--local-scheduler")
    assert done.returncode == 30
    assert "AttributeError: module 'garden' has no attribute 'LOST'" in done.stderr


def test_the_command_fails_when_a_source_is_missing_and_says_which(garden, command):
    (garden.places()[0] / "data" / "rain-5.json").unlink()
    before = artifacts(garden.places()[0])
    done = command("Stall", "--day", "5", "--local-scheduler")
    assert done.returncode == 20
    assert "data/rain-5.json" in done.stderr
    assert artifacts(garden.places()[0]).items() >= before.items()


def test_the_command_fails_when_code_has_no_identity_and_says_why(garden, command):
    garden.edit("market.py", "sum(harvest.values())", "eval('sum')(harvest.values())")
    done = command("Stall", "--day", "3", "--local-scheduler")
    assert done.returncode == 35
    assert "eval() hides which code runs" in done.stderr
