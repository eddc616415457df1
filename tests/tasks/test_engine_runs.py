"""Runs: what a task says of itself to Luigi, to the manifest and to whoever asks afterwards."""

import datetime as dt
import functools
import json
import logging
import os
import socket
import sys
from pathlib import Path

import luigi
import pytest
from luigi.task_register import load_task

from tasks.engine import ArtifactTask, EffectTask, SourceTask, build, plan, runs, why
from tasks.engine.errors import CorruptPayload, RecipeError, SourceMissing
from tasks.engine.manifest import Manifest, digest_of_payload, from_json
from tasks.engine.payload import file_hash

QUIET = {"log_level": "CRITICAL"}
logger = logging.getLogger("a recipe")


class Flour(SourceTask):
    def path(self):
        return "flour.txt"


class Dough(ArtifactTask):
    water = luigi.IntParameter(default=3)
    when = luigi.DateParameter(default=dt.date(2026, 1, 5))

    def requires(self):
        return {"flour": Flour()}

    def recipe(self):
        return functools.partial(knead, water=self.water)


class Bread(ArtifactTask):
    heat = luigi.IntParameter(default=200)
    baker = luigi.Parameter(default="", significant=False)

    def requires(self):
        return {"doughs": [Dough(), Dough(water=4)], "named": {"best": Dough()}}

    def recipe(self):
        return functools.partial(bake, heat=self.heat)

    def summary(self, value):
        return f"{len(value['loaves'])} <loaves>"


class Sale(EffectTask):
    price = luigi.IntParameter(default=1)

    def requires(self):
        return {"bread": Bread()}

    def recipe(self):
        return functools.partial(sell, price=self.price)


class Burnt(ArtifactTask):
    def requires(self):
        return {"bread": Bread()}

    def recipe(self):
        return burn


class Circle(ArtifactTask):
    at = luigi.IntParameter(default=0)

    def requires(self):
        return {"next": Circle(at=(self.at + 1) % 3)}

    def recipe(self):
        return knead


class All(luigi.WrapperTask):
    def requires(self):
        return [Bread(), Sale()]


class Odd(ArtifactTask):
    """A task that does not fit together, in one of several ways."""

    how = luigi.Parameter()

    def requires(self):
        return {
            "a wrapper": {"flour": All()},
            "a list": [Flour()],
            "no task": {"flour": "flour.txt"},
            "both": {"flour": Flour(), "water": Flour()},
        }.get(self.how, {"flour": Flour()})

    def recipe(self):
        water = {} if self.how == "too little" else {"water": 1}
        salt = {"salt": 1} if self.how == "too much" else {}
        return None if self.how == "nothing" else functools.partial(knead, **water, **salt)


class Plain(luigi.Task):
    """A task of plain Luigi, between two of the engine's."""

    def output(self):
        return luigi.LocalTarget("plain.txt")

    def run(self):
        with self.output().open("w") as file:
            file.write("plain")


class AfterPlain(ArtifactTask):
    def requires(self):
        return {"plain": Plain()}

    def recipe(self):
        return read_text


def knead(flour, water):
    logger.info("kneading", extra={"percent": 40})
    return {"flour": flour.read_text(), "water": water}


def bake(doughs, named, heat):
    return {"loaves": [dough["water"] for dough in doughs], "best": named["best"]["water"],
            "heat": heat}  # fmt: skip


def sell(bread, price):
    return {"earned": price * len(bread["loaves"])}


def burn(bread):
    raise RuntimeError("burnt < to > a & crisp")


def read_text(plain):
    return plain.read_text()


@pytest.fixture
def flour(place):
    (place / "flour.txt").write_text("rye")
    return place / "flour.txt"


def manifests():
    return [from_json(path.read_text(), str(path))
            for path in sorted(Path("store").glob("[A-Z]*/*/*/manifest.json"))]  # fmt: skip


def test_a_manifest_is_complete_and_reads_back_as_it_was(flour):
    assert build([Bread(baker="Ida")], **QUIET).succeeded
    [path] = Path("store").glob("Bread/*/*/manifest.json")
    text = path.read_text()
    found = from_json(text, "here")
    assert found.to_json() == text
    assert (found.task, found.label, found.key) == path.parts[-4:-1]
    assert found.parameters == {"heat": "200"}
    assert found.function == "test_engine_runs:bake"
    assert found.values == {"heat": "int 200"}
    assert list(found.code) == ["test_engine_runs:bake"]
    assert found.libraries == {"python": "{}.{}".format(*sys.version_info)}
    by_key = {one.key: one for one in manifests()}
    assert {name: by_key[one.key].parameters["water"] for name, one in found.inputs.items()} == {
        "doughs[0]": "3", "doughs[1]": "4", "named[best]": "3",
    }  # fmt: skip
    assert all(by_key[one.key].digest == one.digest for one in found.inputs.values())
    payload = path.with_name("payload.json")
    assert found.payload["payload.json"].sha256 == file_hash(payload)
    assert found.payload["payload.json"].size == payload.stat().st_size
    assert found.digest == digest_of_payload(found.payload)
    assert found.codec == "json" and found.rows is None
    assert [reason.kind for reason in found.reasons] == ["first build"]
    assert found.previous is None and found.host == socket.gethostname()
    assert dt.datetime.fromisoformat(found.created).tzinfo is not None
    assert found.seconds >= 0 and found.peak_memory_bytes > 1e6
    assert set(json.loads(text)) == set(Manifest.__dataclass_fields__)


def test_a_manifest_knows_the_one_before_it(flour):
    assert build([Dough()], **QUIET).succeeded
    flour.write_text("wheat")
    assert build([Dough()], **QUIET).succeeded
    latest, reasons = why(Dough())
    first = next(one for one in manifests() if one.key != latest.key)
    assert latest.previous == first.key
    assert [str(reason) for reason in reasons] == ["input flour changed"]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff\xfe", b"{}", b'{"inputs": 3}'])
def test_a_manifest_that_is_not_whole_says_so(flour, damage):
    assert build([Dough()], **QUIET).succeeded
    [path] = Path("store").glob("Dough/*/*/manifest.json")
    path.write_bytes(damage)
    with pytest.raises(CorruptPayload):
        why(Dough())
    assert len(build([Bread()], **QUIET).built) >= 1
    assert Bread().output().load()["best"] == 3


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_tells_what_became_of_each_task_and_why(flour, workers):
    summary = build([Bread()], workers=workers, **QUIET)
    assert summary.succeeded and summary.status == "SUCCESS"
    assert [one.task for one in summary.built] == ["Dough", "Dough", "Bread"]
    last = summary.built[-1]
    assert last.message.startswith("2 <loaves>; built in ")
    assert last.reasons == ["first build all-" + last.label[-8:]] or last.reasons
    again = build([Bread()], workers=workers, **QUIET)
    assert again.succeeded and again.outcomes == []


def test_a_failure_is_told_and_leaves_nothing(flour):
    summary = build([Burnt()], **QUIET)
    assert not summary.succeeded and summary.incomplete == ["Burnt()"]
    [failure] = summary.failed
    assert failure.message == "RuntimeError: burnt < to > a & crisp"
    assert not list(Path("store").glob("Burnt/*/*"))
    assert not list(Path("store").glob("_staging/*"))
    assert len(summary.built) == 3, "what did not fail is kept"


def test_what_a_task_says_is_what_luigi_keeps(flour, monkeypatch):
    task = Dough()
    told, moved = [], []
    task.set_status_message = told.append
    task.set_progress_percentage = moved.append
    logging.getLogger("a recipe").setLevel(logging.INFO)
    task.run()
    assert told[0].startswith("building: first build") and moved == [40, 100]
    assert told[1] == "kneading"
    assert task.on_success() == told[-1] and told[-1].startswith("built in")
    task.tell("<b>")
    assert told[-1] == "&lt;b&gt;"


def test_task_ids_say_their_run(flour):
    before = Dough()
    assert before.task_id == Dough().task_id
    first = runs.current()
    second = runs.begin()
    luigi.task_register.Register.clear_instance_cache()
    after = Dough()
    assert after.task_id != before.task_id and first != second
    joined = load_task(__name__, "Dough", before.to_str_params())
    assert joined.task_id == before.task_id and runs.current() == first
    assert joined.to_str_params(only_significant=True) == {"water": "3", "when": "2026-01-05"}


def test_a_task_made_before_a_run_began_is_run_in_it(flour):
    task = Bread()
    runs.begin()
    assert build([task], **QUIET).succeeded and task.complete()


def test_builds_of_one_process_see_what_changed_between_them(flour):
    for text, built in [("rye", 3), ("wheat", 3), ("rye", 0), ("spelt", 3)]:
        flour.write_text(text)
        summary = build([Bread()], **QUIET)
        assert summary.succeeded and len(summary.built) == built
        assert Dough().output().load()["flour"] == text


def test_luigis_own_builds_of_one_process_see_what_changed_between_them(flour):
    for text in ("rye", "wheat", "rye", "spelt"):
        flour.write_text(text)
        assert luigi.build([Bread()], local_scheduler=True, workers=2, **QUIET)
        assert Dough().output().load()["flour"] == text


def test_a_store_that_was_emptied_is_built_again(flour):
    assert build([Bread()], **QUIET).succeeded
    os.rename("store", "away")
    summary = build([Bread()], **QUIET)
    assert summary.succeeded and len(summary.built) == 3


@pytest.mark.parametrize("lost", ["_journal.jsonl", "_sources.jsonl", "_runs", "_leases"])
def test_what_only_saves_time_may_be_lost(flour, lost):
    assert build([Bread()], **QUIET).succeeded
    Path("store", lost).rename("away") if Path("store", lost).exists() else None
    summary = build([Bread()], **QUIET)
    assert summary.succeeded and summary.built == []


@pytest.mark.parametrize("damage", [b"\n[1, 2", b"\x00\xff\n3\n", b'["a"]\n{}\n"x"\n'])
def test_a_torn_journal_is_read_as_far_as_it_goes(flour, damage):
    assert build([Bread()], **QUIET).succeeded
    with Path("store/_journal.jsonl").open("ab") as journal:
        journal.write(damage)
    flour.write_text("wheat")
    assert build([Bread()], **QUIET).succeeded
    assert build([Bread()], **QUIET).outcomes == []


def test_an_effect_is_done_once_per_content_whatever_its_code(flour, monkeypatch):
    assert len(build([Sale()], **QUIET).built) == 4
    assert build([Sale()], **QUIET).built == []
    manifest, _ = why(Sale())
    assert manifest.code == {} and manifest.values == {"price": "int 1"}
    assert [one.task for one in build([Sale(price=2)], **QUIET).built] == ["Sale"]


def test_a_wrapper_stands_for_its_tasks(flour):
    assert build([All()], **QUIET).succeeded
    assert [step.name.partition("/")[0] for step in plan(All()).steps].count("Sale") == 1


def test_a_task_of_plain_luigi_can_stand_between(flour):
    summary = build([AfterPlain()], **QUIET)
    assert summary.succeeded and AfterPlain().output().load() == "plain"
    assert build([AfterPlain()], **QUIET).outcomes == []


@pytest.mark.parametrize(
    "how, says",
    [
        ("a wrapper", "require the tasks it stands for"),
        ("a list", "must return a dict"),
        ("no task", "input flour must be a task"),
        ("both", "water is both an input and a value"),
        ("too little", "missing a required argument: 'water'"),
        ("too much", "unexpected keyword argument 'salt'"),
        ("nothing", "must return a function"),
    ],
)
def test_a_task_that_does_not_fit_together_says_what_is_wrong(flour, how, says, caplog):
    with pytest.raises(RecipeError) as refusal:
        Odd(how=how).complete()
    assert says in str(refusal.value)
    assert not build([Odd(how=how)], **QUIET).succeeded
    assert says in caplog.text


def test_a_circle_of_tasks_is_refused_instead_of_followed_for_ever(place):
    with pytest.raises(RecipeError, match="depends on itself"):
        Circle().complete()
    with pytest.raises(RecipeError, match="depends on itself"):
        plan(Circle())
    assert not build([Circle()], **QUIET).succeeded


def test_what_is_not_built_cannot_be_loaded(flour):
    with pytest.raises(SourceMissing, match="not built"):
        Bread().output().load()
    assert not Bread().output().exists()
    assert Path(Dough().output().path).parts[-3:-1] == ("Dough", Dough().label())


def test_the_output_of_a_task_is_its_folder(flour):
    assert build([Bread()], **QUIET).succeeded
    assert Bread().output().exists()
    assert (Bread().output().folder() / "manifest.json").is_file()
    assert str(Bread().output()) == f"Bread/{Bread().label()}"


def test_labels_of_values_that_no_folder_can_hold_stay_apart(place):
    values = ["a/b", "a-b", "a b", "ä", "..", "", "x" * 300, "x" * 301]
    labels = {Odd(how=how).label() for how in values}
    assert len(labels) == len(values)
    assert all(len(label) < 120 and "/" not in label for label in labels)
    assert not labels & {"", ".", ".."}


class Impure(ArtifactTask):
    """Its recipe is another one each time it is asked for."""

    def requires(self):
        return {"flour": Flour()}

    def recipe(self):
        return functools.partial(knead, water=next(waters))


waters = iter(range(1000))


def test_what_is_run_is_what_the_name_was_made_from(flour):
    build([Impure()], **QUIET)
    [path] = Path("store").glob("Impure/*/*/manifest.json")
    made = from_json(path.read_text(), "here").values["water"]
    assert f"int {json.loads(path.with_name('payload.json').read_text())['water']}" == made


def test_a_worker_that_serves_one_run_after_another_sees_what_changed(flour):
    from luigi.scheduler import Scheduler
    from luigi.worker import Worker

    scheduler = Scheduler()
    with Worker(scheduler=scheduler, worker_id="it", wait_interval=0.01) as worker:
        for text in ("rye", "wheat"):
            flour.write_text(text)
            runs.begin()
            luigi.task_register.Register.clear_instance_cache()
            worker.add(Bread())
            worker.run()
            assert Dough().output().load()["flour"] == text
