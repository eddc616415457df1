"""Garbage collection keeps what anything can reach, frees what it says, and survives a kill."""

import contextlib
import itertools
import json
import time
from pathlib import Path

import orchard
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from luigi import configuration
from luigi.task_register import Register

from tasks.engine import runs
from tasks.engine import workshop as shops
from tasks.engine.bucket import Bucket
from tasks.engine.collecting import Ages, GraceTooShort, delete, doomed
from tasks.engine.errors import CorruptPayload
from tasks.engine.folder_holdings import LocalHoldings
from tasks.engine.folder_store import FolderStore
from tasks.engine.reachable import Roots, in_graph
from tasks.engine.runs import Outcome
from tasks.engine.workshop import workshop

NOW = Ages(grace=0, set_aside=0, records=1e9)
DAYS = st.integers(1, 4)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("build"), DAYS),
        st.tuples(st.just("code"), st.sampled_from(["Grow", "Pick"]), st.integers(0, 2)),
        st.tuples(st.just("sow"), st.integers(0, 1), st.integers(0, 2)),
        st.tuples(st.just("clean")),
        st.tuples(st.just("clean beside a build"), DAYS),
        st.tuples(st.just("clean and be killed"), st.integers(0, 9)),
    ),
    min_size=5, max_size=10,
)  # fmt: skip
LOGS = ("_leases", "_runs", "_journal.jsonl", "_sources.jsonl", "_code.json")
NUMBERS = itertools.count()


class Killed(BaseException):
    """As SIGKILL: nothing after it is done."""


class Orchard:
    """A store of one history."""

    def __init__(self, root):
        config = configuration.get_config()
        config.set("engine", "root", root)
        self.root = root
        config.set("engine", "cache", f"cache-{next(NUMBERS)}")
        config.set("engine", "listing_seconds", "0")
        orchard.CODE.update(Grow=0, Pick=0)
        for plot in range(orchard.PLOTS):
            orchard.sow(plot, 1)
        self.built = set()
        self.began()

    def began(self):
        """As a new process: nothing remembered is believed."""
        Register.clear_instance_cache()
        shops._workshops.clear()
        runs.begin()

    def do(self, what, *about):
        self.began()
        {"build": self.build, "code": self.code, "sow": orchard.sow, "clean": self.clean,
         "clean beside a build": self.clean_beside, "clean and be killed": self.be_killed,
         }[what](*about)  # fmt: skip

    def build(self, day):
        orchard.build(day)
        self.built.add(day)
        picked = orchard.Pick(day=day).output().load()
        assert picked["kilos"] == orchard.truth(day)

    def code(self, task, version):
        orchard.CODE[task] = version

    def kept_days(self):
        return sorted(self.built)[-2:]

    def roots(self, there):
        """As the product's: newest of recent nights and their graph, receipts with their inputs."""
        store = workshop().store
        tasks = [orchard.Sell(day=day) for day in self.kept_days()]
        newest = {entry.address for day in self.kept_days() for task in ("Pick", "Price", "Sell")
                  if (entry := store.newest(task, str(day)))}  # fmt: skip
        receipts = {entry.address for label in store.labels("Sell")
                    for entry in store.entries("Sell", label)}  # fmt: skip
        sold = {one for receipt in receipts for one in there.inputs(receipt, "priced")}
        return Roots(frozenset(newest | in_graph(tasks, workshop())), frozenset(receipts | sold))

    def whole(self):
        """The nights that exist in full as the code is now."""
        return [day for day in self.kept_days() if orchard.Sell(day=day).complete()]

    def clean(self):
        whole, receipts, before = self.whole(), self.receipts(), self.size()
        going, told = self.look(), []
        freed = delete(workshop(), going.holdings, time.time(), lambda one, size: told.append(size))
        assert freed == sum(told) == going.size == before - self.size()
        self.judge(whole, receipts)
        assert self.look().holdings == [] and self.size() == self.look().kept_bytes

    def look(self):
        """What no root reaches."""
        self.began()
        return doomed(workshop(), self.roots, NOW, time.time() + 1)

    def clean_beside(self, day):
        """A night is built after the look and before the deletion."""
        going = self.look()
        self.began()
        self.build(day)
        delete(workshop(), going.holdings, time.time())
        self.judge([], [])
        self.began()
        self.build(day)

    def be_killed(self, step):
        whole, receipts, going = self.whole(), self.receipts(), self.look()
        with killed_at(step), contextlib.suppress(Killed):
            delete(workshop(), going.holdings, time.time())
        self.judge(whole, receipts)
        delete(workshop(), self.look().holdings, time.time())
        assert self.look().holdings == [] and self.size() == self.look().kept_bytes

    def receipts(self):
        """Every receipt, with what was sold by it."""
        store, found = workshop().store, []
        store.refresh()
        for label in store.labels("Sell"):
            for entry in store.entries("Sell", label):
                with contextlib.suppress(CorruptPayload):
                    priced = store.manifest(entry.address).inputs["priced"]
                    found.append((store.read(entry), ("Price", label, priced.key)))
        return found

    def judge(self, whole, receipts):
        """What was complete is complete, what was sold is told, and nothing reads wrong."""
        self.began()
        for day in whole:
            assert orchard.build(day) == []
        assert [one for one in receipts if one not in self.receipts()] == []
        store = workshop().store
        for receipt, priced in receipts:
            assert store.read(store.find(priced))["price"] == receipt["sold"]
        for one in store.holdings().listed():
            if one.kind == "artifact":
                store.read(store.find(one.address))

    def size(self):
        """Bytes of all that lies in the store, whoever knows of it; without logs and locks."""
        if isinstance(workshop().store, FolderStore):
            files = Path(self.root).rglob("*")
            return sum(one.stat().st_size for one in files if one.is_file() and
                       one.relative_to(self.root).parts[0] not in LOGS)  # fmt: skip
        return sum(one.size for one in Bucket(self.root).list())


@contextlib.contextmanager
def killed_at(step):
    """The process ends at some step between a deletion's beginning and its end."""
    counter = itertools.count()

    def mortal(original):
        def called(*arguments):
            if next(counter) == step:
                raise Killed
            return original(*arguments)

        return called

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LocalHoldings, "_removed", mortal(LocalHoldings._removed))
        patch.setattr(Bucket, "delete", mortal(Bucket.delete))
        yield


@pytest.fixture
def here(place):
    config = configuration.get_config()
    config.set("engine", "first_party", "orchard")
    yield place
    for option in ("cache", "listing_seconds"):
        config.remove_option("engine", option)


def histories(examples):
    def decorated(test):
        checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
        limits = settings(max_examples=examples, deadline=None, database=None,
                          suppress_health_check=checks)  # fmt: skip
        return seed(6)(limits(given(steps=STEPS)(test)))

    return decorated


def live(history, steps):
    for step in [("build", 1), *steps, ("build", 3), ("clean",)]:
        history.do(*step)


@histories(20)
def test_nothing_reachable_is_deleted_and_what_was_said_is_freed_in_a_folder(here, steps):
    live(Orchard(f"store-{next(NUMBERS)}"), steps)


@histories(6)
def test_nothing_reachable_is_deleted_and_what_was_said_is_freed_in_a_bucket(here, any_gcs, steps):
    live(Orchard(f"gs://{any_gcs.new_bucket()}/some/prefix"), steps)


@pytest.mark.long
@histories(200)
def test_two_hundred_histories_of_a_folder(here, steps):
    live(Orchard(f"store-{next(NUMBERS)}"), steps)


@pytest.mark.long
@histories(200)
def test_two_hundred_histories_of_a_bucket(here, any_gcs, steps):
    live(Orchard(f"gs://{any_gcs.new_bucket()}/some/prefix"), steps)


@pytest.fixture(params=["folder", "bucket"])
def lived(request, here):
    """An orchard with a night whose code was changed, so that something can go."""
    bucket = request.param == "bucket" and request.getfixturevalue("any_gcs").new_bucket()
    found = Orchard(f"gs://{bucket}/some/prefix" if bucket else "store")
    for step in [("build", 1), ("code", "Grow", 1), ("build", 1)]:
        found.do(*step)
    return found


def test_what_is_younger_than_the_grace_stays_with_all_that_went_into_it(lived):
    day = Ages(86400, 86400, 86400)
    lived.began()
    assert doomed(workshop(), lambda there: Roots(), day, time.time()).holdings == []
    assert doomed(workshop(), lambda there: Roots(), day, time.time() + 86000).holdings == []
    later = doomed(workshop(), lambda there: Roots(), day, time.time() + 86500)
    assert {one.kind for one in later.holdings} >= {"artifact"} and later.kept == 0


def test_a_grace_that_a_task_may_outlive_is_refused(lived):
    with pytest.raises(GraceTooShort, match=r"1 hours.*a task may take 6"):
        doomed(workshop(), lambda there: Roots(), Ages(3600, 0, 0), time.time())


def test_what_was_built_anew_since_it_was_looked_at_stays(lived):
    going = [one for one in lived.look().holdings if one.kind == "artifact"]
    store = workshop().store
    one = next(each for each in going if each.address[0] == "Pick")
    assert store.set_aside(one.address)
    orchard.CODE["Grow"] = 0
    lived.began()
    assert "Pick 1" in orchard.build(1)
    assert delete(workshop(), [one], time.time() + 1) == 0
    assert workshop().store.find(one.address)


def test_all_files_of_what_lies_in_a_store_can_be_read_where_it_says(lived):
    lived.began()
    holdings, seen = workshop().store.holdings(), set()
    for one in holdings.listed():
        with holdings.files(one) as files:
            assert sum(path.stat().st_size for _, path in files) == one.size
            assert all(name.startswith(one.name) for name, _ in files)
            seen |= {path.name.rpartition("-")[2] for _, path in files}
    assert {"manifest.json", "payload.json"} <= seen


def test_what_is_being_built_is_left_alone(lived):
    one = next(each for each in lived.look().holdings if each.kind == "artifact")
    store = workshop().store
    with store.lease(one.address[2], 60).held_unless(lambda: None):
        assert store.holdings().discard(one) == 0
    assert store.holdings().discard(one) == one.size


def test_what_a_run_came_to_use_again_meanwhile_stays(lived):
    going = lived.look().holdings
    one = next(each for each in going if each.kind == "artifact" and each.address[0] == "Grow")
    workshop().log.write(Outcome("id", *one.address, outcome="reused"))
    delete(workshop(), going, time.time() - 1)
    assert workshop().store.find(one.address)


def test_what_a_run_that_works_has_planned_with_stays(lived):
    one = next(each for each in lived.look().holdings if each.kind == "artifact")
    task, label, _ = one.address
    for earlier in workshop().log.folder.iterdir():
        earlier.unlink()
    record = workshop().log.folder / "20260101T000000-1-aaaa.jsonl"
    begin = json.dumps({"begin": {"plan": {"current": {task: [label]}}}})
    record.write_text(begin + "\n{torn")
    assert delete(workshop(), [one], time.time() - 9) == 0
    record.write_text(begin + "\n" + json.dumps({"end": {"exit_code": 0}}) + "\n")
    assert delete(workshop(), [one], time.time() - 9) == one.size


def test_what_killed_runs_left_behind_goes(lived):
    store = workshop().store
    for name in ("_staging/a/payload.json", "_leases/" + "a" * 32):
        path = store.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("left")
    if hasattr(store, "bucket"):
        store.bucket.create("Pick/1/" + "b" * 32 + "/" + "c" * 64 + "/payload.json", b"left")
        store.bucket.create("_leases/" + "d" * 32, b"left")
    kinds = {one.kind for one in lived.look().holdings}
    assert kinds >= ({"staging", "unfinished", "lease", "artifact"} if hasattr(store, "bucket")
                     else {"staging", "lease", "artifact"})  # fmt: skip
    delete(workshop(), lived.look().holdings, time.time())
    assert lived.look().holdings == []
