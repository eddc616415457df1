"""Nights whose labels collapse: each is refused in words, and the champion goes on serving."""

import datetime as dt
import sqlite3

import pytest
from advertising_days import FIRST, HEALTHY, write
from deployments import Deployment

FAMILY = "ad_targeting"
LATER = HEALTHY + dt.timedelta(2)
BROKEN = HEALTHY + dt.timedelta(1)
"""The day whose answers are damaged: the test day of the night LATER."""


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """A deployment whose night of HEALTHY published a champion."""
    place = Deployment(tmp_path_factory.mktemp("labels") / "home", source="parquet",
                       folder="files")  # fmt: skip
    for back in range((HEALTHY - FIRST).days + 1):
        write(place, FIRST + dt.timedelta(back))
    assert publish(place, HEALTHY).returncode == 0
    return place


def publish(place, night):
    return place.run("tasks.publishing", "PublishModel", family=FAMILY, day=night)


@pytest.fixture(scope="module")
def without_outcomes(healthy, tmp_path_factory):
    """The night LATER in a copy of the deployment, whose outcomes have not come."""
    place = healthy.copied_to(tmp_path_factory.mktemp("labels") / "without outcomes")
    for day in (BROKEN, LATER):
        write(place, day, without=("outcomes",))
    place.ended = publish(place, LATER)
    return place


def champion(place):
    """The version the registry serves, and the model text behind it."""
    with sqlite3.connect(place.folder / "var" / "registry.db") as registry:
        asked = "select alias, version from registered_model_aliases"
        return registry.execute(asked).fetchall()


def test_a_healthy_night_publishes_a_champion(healthy):
    decision = healthy.json("DecideModel", f"{FAMILY}.{HEALTHY}", "decision.json")
    assert decision["verdict"] == "blessed", decision["reasons"]
    assert any("Answers arrived as on earlier days" in reason for reason in decision["reasons"])
    assert champion(healthy) == [("champion", 1)]


def nothing_clicked(shown, answered):
    return answered & False


def all_clicked(shown, answered):
    return answered | True


def of_c3_none_of_c4_all(shown, answered):
    return (answered | (shown["campaign"] == "c4")) & (shown["campaign"] != "c3")


@pytest.mark.parametrize(
    "clicked, said",
    [
        pytest.param(
            nothing_clicked,
            [f"On {BROKEN} none of 1,500 impressions was answered, where about "],
            marks=pytest.mark.long,
        ),
        pytest.param(
            all_clicked,
            [f"On {BROKEN} every one of 1,500 impressions was answered, where about "],
            marks=pytest.mark.long,
        ),
        (of_c3_none_of_c4_all, [f"On {BROKEN} campaign c4, every one of 2", "So is 1 more"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_collapsed_labels_are_refused_in_words_and_the_champion_stays(
    without_outcomes, healthy, tmp_path, clicked, said
):
    place = without_outcomes.copied_to(tmp_path / "copy")
    for day in (BROKEN, LATER):
        write(place, day, clicked=clicked)
    done = publish(place, LATER)
    assert done.returncode == 0, done.stderr
    decision = place.json("DecideModel", f"{FAMILY}.{LATER}", "decision.json")
    assert (decision["verdict"], decision["live_day"]) == ("refused", str(HEALTHY))
    assert [words for words in said if words not in decision["reasons"][0]] == []
    assert "sent again" in decision["reasons"][0]
    stays(place, healthy)


def stays(place, healthy):
    """The registry, the live model and the scores audiences are made of are the champion's."""
    assert place.json("PublishModel", f"{FAMILY}.{LATER}")["published"] is False
    assert champion(place) == [("champion", 1)]
    scored = place.run("tasks.scoring", "ScoreListeners", family=FAMILY, day=LATER, shard=0)
    assert scored.returncode == 0, scored.stderr
    live = place.text("LiveModel", f"{FAMILY}.{LATER}", "model.txt")
    assert live == healthy.text("TrainModel", f"{FAMILY}.{HEALTHY}", "model.txt")
    scores = place.frame("ScoreListeners", f"{FAMILY}.{LATER}.0")
    assert len(scores) > 1000 and set(scores["model_version"]) == {str(HEALTHY)}


def test_a_missing_feed_is_missing_data_and_changes_nothing(without_outcomes):
    place = without_outcomes
    assert place.ended.returncode == 20, place.ended.stderr
    assert f"outcomes/day={BROKEN}/*.parquet is not there" in place.ended.stderr
    assert not list(place.root.glob(f"DecideModel/{FAMILY}.{LATER}/*"))
    assert champion(place) == [("champion", 1)]
