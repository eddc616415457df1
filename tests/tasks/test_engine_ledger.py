"""The ledger: for each run and task, what happened, told from the records that processes wrote."""

import functools
import json
import logging
import os
import queue
import signal
import subprocess
import sys
from pathlib import Path

import luigi
import pytest
from luigi.worker import SchedulerMessage

from tasks.engine import ArtifactTask, EffectTask, SourceTask, build, ledger, plan, runs
from tasks.engine.errors import RegistryRefused, RegistryUnreachable
from tasks.engine.ledger import Begin, End, Run
from tasks.engine.nights import nights
from tasks.engine.runs import Outcome
from tasks.engine.workshop import workshop

QUIET = {"log_level": "CRITICAL"}


class Soil(SourceTask):
    def path(self):
        return "soil.txt"


class Harvest(ArtifactTask):
    day = luigi.Parameter(default="2026-01-05")
    how = luigi.Parameter(default="by_hand")

    def requires(self):
        return {"soil": Soil()}

    def recipe(self):
        return functools.partial(HOWS[self.how], number=int(self.day[-2:]))

    def summary(self, value):
        return f"{value['roots']} roots"

    def notes(self, value):
        return {"verdict": "refused" if value["roots"] < 3 else "eaten", "weight": 1.5}


class Meal(ArtifactTask):
    day = luigi.Parameter(default="2026-01-05")
    how = luigi.Parameter(default="by_hand")

    def requires(self):
        return {"harvest": Harvest(day=self.day, how=self.how)}

    def recipe(self):
        return cook


class Sale(EffectTask):
    how = luigi.Parameter()

    def recipe(self):
        return functools.partial(sell, how=self.how)


def sell(how):
    with Path("tries.txt").open("a") as tries:
        tries.write("x")
    if how == "refused":
        raise RegistryRefused("wrong password")
    if len(Path("tries.txt").read_text()) < 3:
        raise RegistryUnreachable("no answer")
    return {"sold": True}


def by_hand(soil, number):
    return {"roots": number}


def by_accident(soil, number):
    os.kill(os.getpid(), signal.SIGKILL)


def by_force(soil, number):
    raise ValueError("the soil is frozen")


HOWS = {"by_hand": by_hand, "by_accident": by_accident, "by_force": by_force}


def cook(harvest):
    return {"plates": harvest["roots"]}


@pytest.fixture
def soil(place):
    (place / "soil.txt").write_text("loam")
    return place


def run(task, **options):
    """As ``setlist run`` does: a run that the ledger opened; its record."""
    planned = plan(task)
    with ledger.opened(workshop(), task, planned) as opened:
        summary = build([task], opened.name, **QUIET, **options)
        opened.end(0 if summary.succeeded else 30, summary.incomplete)
    return ledger.read(workshop().log, opened.name)


def states(run_):
    [night] = nights([run_])
    return {task: cell.state for (task, _), cell in night.cells.items()}


def test_a_run_says_who_asked_for_what_what_became_of_it_and_how_it_ended(soil):
    found = run(Meal())
    assert found.state == "ended" and found.end.exit_code == 0 and found.end.seconds > 0
    assert found.begin.task == "Meal" and found.begin.parameters["day"] == "2026-01-05"
    assert found.begin.pid == os.getpid() and found.begin.host and found.begin.command
    harvest = found.outcomes[0]
    assert (harvest.task, harvest.outcome, harvest.parameters["day"]) == (
        "Harvest", "built", "2026-01-05")
    assert harvest.memory > 1 << 20 and harvest.key and harvest.reasons == ["first build "
                                                                         "2026-01-05.by_hand"]
    assert harvest.notes == {"verdict": "eaten", "weight": 1.5}
    assert harvest.message.startswith("5 roots; built in")


def test_what_was_there_already_is_in_the_record_of_a_run_that_built_nothing(soil):
    run(Meal())
    again = run(Meal())
    assert again.outcomes == []
    assert again.begin.plan == {"current": {"Harvest": ["2026-01-05.by_hand"],
                                            "Meal": ["2026-01-05.by_hand"]}}
    assert states(again) == {"Harvest": "current", "Meal": "current"}


def test_a_night_that_was_built_and_looked_at_again_was_built(soil):
    [night] = nights([run(Meal()), run(Meal())])
    assert {cell.state for cell in night.cells.values()} == {"built"}
    assert [one.begin.task for one in night.runs] == ["Meal", "Meal"]
    assert night.runs[0].name > night.runs[1].name


def test_what_was_reused_says_what_was_said_and_noted_when_it_was_built(soil):
    run(Harvest(day="2026-01-02"))
    # Two runs wanted it; the other was faster.
    Harvest(day="2026-01-02").run()
    reused = ledger.read(workshop().log, runs.current()).outcomes[-1]
    assert reused.outcome == "reused" and reused.notes["verdict"] == "refused"
    assert reused.message.startswith("2 roots; reused an equal artifact built 20")


def test_a_refusal_is_known_from_what_the_task_noted(soil):
    [night] = nights([run(Meal(day="2026-01-02"))])
    assert night.cells["Harvest", "2026-01-02.by_hand"].verdict == "refused"


def test_what_failed_and_what_had_no_turn_are_told_apart(soil):
    found = run(Meal(how="by_force"))
    assert states(found) == {"Harvest": "failed", "Meal": "not run"}
    assert found.end.exit_code == 30 and "Meal" in found.end.incomplete[0]
    [failure] = found.outcomes
    assert failure.error == "ValueError" and failure.message == "ValueError: the soil is frozen"


def test_a_task_whose_process_was_killed_is_in_the_record(soil):
    found = run(Meal(how="by_accident"), workers=2)
    [failure] = found.outcomes
    assert failure.outcome == "failed" and failure.error == "Died"
    assert "exit code -9" in failure.message


def test_a_task_without_its_source_waits_and_the_run_says_what_is_missing(place):
    found = run(Meal())
    assert states(found) == {"Harvest": "waiting", "Meal": "waiting"}
    assert "soil.txt" in found.begin.missing[0]


def test_a_run_that_broke_off_says_what_broke_it(soil):
    task = Meal()
    with pytest.raises(KeyboardInterrupt), ledger.opened(workshop(), task, plan(task)) as opened:
        raise KeyboardInterrupt("enough")
    found = ledger.read(workshop().log, opened.name)
    assert found.end.exit_code == 40 and found.end.error == "KeyboardInterrupt: enough"


OPENING = """
import sys, time
from test_engine_ledger import *
from tasks.engine.workshop import workshop
with ledger.opened(workshop(), Meal(), plan(Meal())) as opened:
    print(opened.name, flush=True)
    time.sleep(60)
"""


def test_a_run_that_was_killed_is_told_from_one_that_is_at_work(soil):
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen([sys.executable, "-c", OPENING], env=env, stdout=subprocess.PIPE,
                          text=True) as process:  # fmt: skip
        name = process.stdout.readline().strip()
        working = ledger.read(workshop().log, name)
        process.kill()
    dead = ledger.read(workshop().log, name)
    assert working.state == "working" and set(states(working).values()) == {"running"}
    assert dead.state == "died" and set(states(dead).values()) == {"not run"}


def test_a_run_of_luigis_own_command_has_a_night_too(soil):
    build([Meal()], **QUIET)
    [found] = ledger.recent(workshop(), nights=3)
    assert found.state == "unknown" and ledger.night_of(found) == "2026-01-05"
    assert states(found) == {"Harvest": "built", "Meal": "built"}


def test_one_run_over_several_nights_is_folded_into_each(soil):
    build([Meal(day="2026-01-05"), Meal(day="2026-01-06")], **QUIET)
    found = nights(ledger.recent(workshop(), nights=3), closing={"Meal"})
    assert [(one.day, sorted(task for task, _ in one.cells)) for one in found] == [
        ("2026-01-06", ["Harvest", "Meal"]), ("2026-01-05", ["Harvest", "Meal"])]


def test_no_more_records_are_opened_than_the_nights_that_are_asked_for(soil):
    log = workshop().log
    for day in range(1, 6):
        begin = Begin("Meal", {"day": f"2026-01-0{day}"}, "setlist", "here", 1, "", {})
        log.append({"begin": vars(begin)}, f"2026010{day}T000000-1-aaaa")
    # A record that cannot be read at all would stop whoever opened it.
    (log.folder / "20250101T000000-1-aaaa.jsonl").mkdir()
    assert [ledger.night_of(one) for one in ledger.recent(workshop(), nights=3)] == [
        "2026-01-05", "2026-01-04", "2026-01-03"]


def test_a_password_in_what_was_typed_is_not_kept(soil, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/x/bin/setlist", "run", "nightly", "--scheduler-url",
                                      "https://cron:secret@luigi.example:8082/"])
    command = run(Meal()).begin.command
    assert command == "setlist run nightly --scheduler-url https://luigi.example:8082/"


def test_a_line_that_a_kill_left_torn_hides_no_other(soil):
    found = run(Meal())
    with workshop().log.path(found.name).open("ab") as lines:
        lines.write(b'{"task_id": "Harv')
    assert len(ledger.read(workshop().log, found.name).outcomes) == 2


@pytest.mark.parametrize("how, tries, ends", [("unreachable", 3, "built"),
                                              ("refused", 1, "failed")])  # fmt: skip
def test_a_lost_connection_is_tried_again_in_the_run_and_nothing_else_is(soil, how, tries, ends):
    luigi.configuration.get_config().set("engine", "retry_seconds", "0.01 0.01")
    found = run(Sale(how=how))
    assert [one.outcome for one in found.outcomes] == [ends]
    assert Path("tries.txt").read_text() == "x" * tries


class Scheduler:
    """What a message needs of Luigi's scheduler: somewhere to answer."""

    def __init__(self):
        self.answers = []

    def add_scheduler_message_response(self, task, message, answer):
        self.answers.append(answer)


def slowly(soil, number):
    logging.getLogger("a recipe").warning("a third", extra={"percent": 33})
    return {"roots": number}


HOWS["slowly"] = slowly


def test_a_message_stops_a_task_that_runs_and_nothing_of_it_is_kept(soil):
    task, scheduler = Harvest(how="slowly"), Scheduler()
    task.scheduler_messages = queue.Queue()
    for number, text in enumerate(["hurry up", " Stop "]):
        task.scheduler_messages.put(SchedulerMessage(scheduler, task.task_id, number, text))
    with pytest.raises(Exception, match="somebody asked for it on the scheduler's page"):
        task.run()
    assert scheduler.answers == ["only 'stop' is understood", "stopping; nothing of it is kept"]
    [failure] = workshop().log.outcomes()
    assert failure.error == "Stopped" and not list(Path("store").glob("Harvest/*/*"))
    assert not list(Path("store").glob("_staging/*"))


def test_a_message_that_comes_when_the_work_is_done_undoes_nothing(soil):
    task, scheduler = Harvest(), Scheduler()
    task.scheduler_messages = queue.Queue()
    task.scheduler_messages.put(SchedulerMessage(scheduler, task.task_id, 1, "stop"))
    task.run()
    assert task.complete() and scheduler.answers == []


def test_records_are_lines_of_json_that_any_program_reads(soil):
    found = run(Meal())
    first, *tasks, last = [json.loads(line) for line in
                           workshop().log.path(found.name).read_text().splitlines()]
    assert list(first) == ["begin"] and list(last) == ["end"]
    assert [one["task"] for one in tasks] == ["Harvest", "Meal"]
    assert End(**last["end"]) == found.end and isinstance(found, Run)
    assert Outcome(**tasks[0]) == found.outcomes[0]
