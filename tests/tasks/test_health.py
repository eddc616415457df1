"""What the doctor finds, made for real in a small store."""

import datetime as dt

import mlflow
import pytest
from luigi import configuration
from planted_registry import FAMILY, Nights
from store_places import commit

from tasks.deployment import deployment
from tasks.engine import registry
from tasks.engine.workshop import workshop
from tasks.health import examine
from tasks.restoring import restore_registry

RECEIPT = {"published": False, "live": None}


@pytest.fixture
def settings(place):
    """Settings of ``[setlist]`` that last for one test; the registry is untouched."""
    config = configuration.get_config()
    before = dict(config.items("setlist")) if config.has_section("setlist") else {}
    config.set("setlist", "registry", "sqlite:///registry.db")
    if not config.has_section("core"):
        config.add_section("core")
    core = dict(config.items("core"))
    config.set("core", "local_scheduler", "true")
    yield config
    config.remove_section("core")
    config.add_section("core")
    for option, value in core.items():
        config.set("core", option, value)
    config.remove_section("setlist")
    for option, value in before.items():
        config.set("setlist", option, value)


def findings(check, state):
    return [one for one in examine() if (one.check, one.state) == (check, state)]


def test_a_receipt_of_the_future_says_that_the_clock_went_back(settings):
    address = "PublishModel", "ad_targeting.2026-01-05", "a" * 64
    commit(workshop().store, RECEIPT, address, "2999-01-01T00:00:00+00:00")
    (clock,) = findings("clock", "failed")
    assert "2999-01-01 00:00: the clock went back" in clock.found and clock.advice


def test_the_registrys_server_tells_the_time(settings, postgres):
    settings.set("setlist", "registry", postgres.url(postgres.database()))
    assert "the registry's server" in findings("clock", "ok")[0].found


def test_a_server_that_is_down_is_one_finding_and_hides_no_other(settings, postgres):
    settings.set("setlist", "registry", postgres.url("any", port=1))
    (down,) = findings("registry", "failed")
    assert "Check that it runs" in down.found
    assert findings("store", "ok") and findings("disk", "ok")


def test_a_scheduler_is_asked_for_when_the_settings_name_one(settings, luigid, postgres):
    assert "brings its own" in findings("scheduler", "ok")[0].found
    settings.set("core", "local_scheduler", "false")
    for url, state, said in (
        (f"http://127.0.0.1:{luigid}", "ok", "luigid answers"),
        ("http://127.0.0.1:1", "failed", "no luigid answers"),
        (f"http://127.0.0.1:{postgres.port}", "failed", "no luigid answers"),
    ):
        settings.set("core", "scheduler_url", url)
        assert said in findings("scheduler", state)[0].found


def test_listeners_without_a_secret_are_a_failure(settings, place, monkeypatch):
    monkeypatch.delenv("SETLIST_PSEUDONYM_KEY", raising=False)
    day = place / "data" / "listens" / "day=2026-01-05"
    day.mkdir(parents=True)
    (day / "part.parquet").write_bytes(b"")
    settings.set("setlist", "source", "parquet")
    settings.set("setlist", "folder", "data")
    with pytest.warns(UserWarning, match="demonstration key"):
        (secret,) = findings("configuration", "failed")
    assert "SETLIST_PSEUDONYM_KEY" in secret.found


def test_an_alias_that_was_moved_by_hand_is_a_warning_and_can_be_put_back(settings, url, place):
    settings.set("setlist", "registry", url)
    store, there = workshop().store, deployment().registry
    for day in (5, 6):
        Nights(store, there, place).publish(dt.date(2026, 1, day), seed=day)
    (agrees,) = findings("champion", "ok")
    assert agrees.found.endswith("version 2, as 2026-01-06 left it")
    client = mlflow.MlflowClient(there.url, there.url)
    client.set_registered_model_alias(registry.model_name(FAMILY), "champion", "1")
    (moved,) = findings("champion", "warning")
    assert "moved by hand" in moved.found and "--restore-registry" in moved.advice
    assert [one.outcome for one in restore_registry(store, there)] == ["was there"] * 2
    assert findings("champion", "ok") == [agrees]
    client.delete_registered_model_alias(registry.model_name(FAMILY), "champion")
    (gone,) = findings("champion", "failed")
    assert "has no champion, and 2026-01-06 published one" in gone.found
