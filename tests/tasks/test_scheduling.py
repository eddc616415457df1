"""What tasks ask of Luigi's scheduler: places, priorities, time."""

import configparser
import datetime as dt
from pathlib import Path

import pytest
from luigi.task_register import Register

from tasks import reporting, search  # noqa: F401  (they register every task)
from tasks.evaluation import DecideModel, MeasureFeatures
from tasks.publishing import PublishModel
from tasks.reporting import WriteReport
from tasks.scoring import ScoreListeners
from tasks.training import TrainModel

SETTINGS = Path(__file__).parents[2] / "luigi.cfg"
NIGHT = {"family": "ad_targeting", "day": dt.date(2026, 2, 4)}


@pytest.fixture
def shipped():
    settings = configparser.ConfigParser()
    settings.read(SETTINGS)
    return settings


def test_every_place_that_a_task_takes_is_counted_in_the_settings(shipped):
    """One that is not counts as 1: trainings would wait for one another, and nobody would know."""
    taken = {name for task in (TrainModel, PublishModel) for name in task(**NIGHT).resources}
    assert taken == set(shipped["resources"]) == {"isolated", "publications"}


def test_only_what_has_a_process_of_its_own_takes_a_place_among_those():
    assert TrainModel(**NIGHT).resources == {"isolated": 1}
    assert ScoreListeners(**NIGHT, shard=0).resources == {"isolated": 1}
    assert WriteReport(**NIGHT).resources == DecideModel(**NIGHT).resources == {}
    assert PublishModel(**NIGHT).resources == {"publications": 1}


def test_a_model_is_learnt_judged_and_published_before_anything_is_made_of_it():
    order = [TrainModel, DecideModel, PublishModel, ScoreListeners, MeasureFeatures]
    levels = [task.priority for task in order]
    assert levels == sorted(set(levels), reverse=True)


def test_a_publication_cannot_wait_for_ever():
    assert 0 < PublishModel.worker_timeout <= 3600


def test_luigi_never_retries_by_itself_and_tasks_do_only_when_a_connection_was_lost(shipped):
    assert shipped["scheduler"]["retry_delay"] == "-1"
    assert [float(one) for one in shipped["engine"]["retry_seconds"].split()] == [5, 30]


def test_messages_are_for_what_runs_long():
    assert TrainModel(**NIGHT).accepts_messages and not WriteReport(**NIGHT).accepts_messages
    silent = [name for name in Register.task_names() if name.startswith(("Train", "Try"))
              and not Register.get_task_cls(name).isolated]  # fmt: skip
    assert silent == []
