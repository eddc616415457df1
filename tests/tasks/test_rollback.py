"""Rolling back and forward: registry, receipts and what later nights see always agree."""

import contextlib
import datetime as dt
import itertools
import json
import shutil
import time

import mlflow
import pytest
from luigi import configuration
from planted_registry import FAMILY, Nights
from store_places import settings

from tasks import health
from tasks.champion import champion_before
from tasks.deployment import deployment
from tasks.engine import registry, workshop
from tasks.engine.collecting import delete, doomed
from tasks.engine.registry import RegistryAddress
from tasks.engine.store import open_store
from tasks.live_history import changes, last_model
from tasks.restoring import restore_registry
from tasks.retention import retention, roots
from workflows.cli import main

DAYS = [dt.date(2026, 1, day) for day in (5, 6, 7)]
AFTER = DAYS[-1] + dt.timedelta(1)


class Killed(BaseException):
    """As SIGKILL: nothing after it is done."""


class Deployed:
    """A store and a registry with three published nights, used through the command."""

    def __init__(self, address, receipts):
        self.registry, self.receipts = address, receipts

    def store(self):
        """As a new process sees it."""
        workshop._workshops.clear()
        store = workshop.workshop().store
        store.refresh()
        return store

    def publish(self, day, seed):
        return Nights(self.store(), self.registry, None).publish(day, seed)

    def roll(self, day, because="its scores were odd"):
        self.store()
        return main(["rollback", FAMILY, "--to", str(day), "--because", because])

    def agree(self, day):
        """What the registry, the receipts, the next night and doctor say is live: this night's."""
        digest, store = self.receipts[day]["digest"], self.store()
        assert registry.champion_in(self.registry, FAMILY).digest == digest
        assert last_model(store, FAMILY).receipt["digest"] == digest
        assert "/".join(champion_before(store, FAMILY, AFTER)) == self.receipts[day]["live"]
        [(state, found)] = [one[:2] for one in health._champions()]
        assert state == "ok" and FAMILY in found
        return True


def publish_all(store, address):
    nights = Nights(store, address, None)
    return {day: nights.publish(day, seed) for seed, day in enumerate(DAYS)}


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A folder with a store and a SQLite registry, to be copied; and the receipts in it."""
    folder = tmp_path_factory.mktemp("published")
    address = RegistryAddress.parsed(f"sqlite:///{folder}/registry.db", str(folder / "files"))
    return folder, publish_all(open_store(settings(folder / "store")), address)


@pytest.fixture
def deployed(place, published):
    """A folder of one's own, with a SQLite registry."""
    shutil.copytree(published[0], place, dirs_exist_ok=True)
    with configured(engine={"root": "store"}, setlist={
            "registry": f"sqlite:///{place}/registry.db"}):  # fmt: skip
        yield Deployed(deployment().registry, published[1])


@pytest.fixture
def in_the_cloud(place, any_gcs, url):
    """A bucket, and a registry on PostgreSQL."""
    bucket = {"root": f"gs://{any_gcs.new_bucket()}/some/prefix", "cache": str(place / "cache"),
              "listing_seconds": "0"}  # fmt: skip
    files = {"registry": url, "registry_artifacts": str(place / "files")}
    with configured(engine=bucket, setlist=files):
        found = Deployed(deployment().registry, {})
        found.receipts = publish_all(found.store(), found.registry)
        yield found


@contextlib.contextmanager
def configured(**sections):
    """Settings for a while."""
    config, before = configuration.get_config(), {}
    for section, options in sections.items():
        for option, value in options.items():
            before[section, option] = config.get(section, option, None)
            config.set(section, option, value)
    yield
    for (section, option), value in before.items():
        config.remove_option(section, option) if value is None else config.set(
            section, option, value)


@contextlib.contextmanager
def killed_at(step):
    """The process ends before or after one of the steps of a rollback; `made` says which."""
    counter, made = itertools.count(), []

    def mortal(name, original):
        def called(*arguments, **named):
            if next(counter) == step:
                made.append(f"before {name}")
                raise Killed
            value = original(*arguments, **named)
            if next(counter) == step:
                made.append(f"after {name}")
                raise Killed
            return value

        return called

    store = type(workshop.workshop().store)
    with pytest.MonkeyPatch.context() as patch:
        for kind, name in [(mlflow.MlflowClient, "set_registered_model_tag"),
                           (mlflow.MlflowClient, "set_registered_model_alias"),
                           (store, "commit")]:  # fmt: skip
            patch.setattr(kind, name, mortal(name, getattr(kind, name)))
        yield made


@pytest.mark.parametrize("where", [
    "deployed", pytest.param("in_the_cloud", marks=pytest.mark.long)])  # fmt: skip
def test_ten_times_back_and_forth_killed_between_any_two_steps_all_agree(where, request):
    deployed = request.getfixturevalue(where)
    days = list(deployed.receipts)
    deployed.agree(days[-1])
    died = []
    for number in range(10):
        day = DAYS[(number + 1) % 2]
        with killed_at(number % 7) as made, contextlib.suppress(Killed):
            deployed.roll(day)
        died += made
        assert deployed.roll(day) == 0
        assert deployed.agree(day)
    assert len(set(died)) == 6
    history = changes(deployed.store(), FAMILY)
    assert [one.serial for one in history] == [*[0] * len(days), *range(1, 11)]
    assert len(registry.versions_in(deployed.registry, FAMILY)) == len(days)


def test_a_bucket_and_postgres_are_rolled_back_by_the_same_code(in_the_cloud):
    with killed_at(3), contextlib.suppress(Killed):
        in_the_cloud.roll(DAYS[0])
    for day in DAYS[:2]:
        assert in_the_cloud.roll(day) == 0 and in_the_cloud.agree(day)


def test_a_rollback_makes_no_past_night_stale_and_holds_until_a_later_night_blesses(deployed):
    before = [champion_before(deployed.store(), FAMILY, day) for day in DAYS]
    deployed.roll(DAYS[0])
    assert [champion_before(deployed.store(), FAMILY, day) for day in DAYS] == before
    # The night that was rolled back from is built again: its model stays out.
    deployed.publish(DAYS[-1], 2)
    assert deployed.agree(DAYS[0])
    later = deployed.publish(AFTER, 7)
    assert registry.champion_in(deployed.registry, FAMILY).digest == later["digest"]
    assert last_model(deployed.store(), FAMILY).receipt["digest"] == later["digest"]


def test_after_gc_every_receipt_can_be_rolled_back_to_and_restored_from(deployed, tmp_path):
    deployed.store()
    shop, much_later = workshop.workshop(), time.time() + 1e6
    going = doomed(shop, lambda there: roots(there, 1), retention().ages, much_later)
    tasks = {one.address[0] for one in going.holdings if one.kind == "artifact"}
    assert delete(shop, going.holdings, time.time()) == going.size > 0
    # The table with the columns is not needed any more: the receipt says them.
    assert tasks == {"BuildExamples"}
    assert deployed.roll(DAYS[0]) == 0 and deployed.agree(DAYS[0])
    address = RegistryAddress.parsed(f"sqlite:///{tmp_path}/again.db")
    for outcome in ("restored", "was there"):
        done = list(restore_registry(deployed.store(), address))
        assert [one.outcome for one in done] == [outcome] * 3 + ["rolled back"]
        champion = registry.champion_in(address, FAMILY)
        assert champion.digest == deployed.receipts[DAYS[0]]["digest"]


def test_the_reason_is_kept_and_asking_again_changes_nothing(deployed, capsys):
    assert deployed.roll(DAYS[0], "too many skips") == 0
    assert "too many skips" in capsys.readouterr().out
    assert last_model(deployed.store(), FAMILY).receipt["because"] == "too many skips"
    assert deployed.roll(DAYS[0], "again") == 0
    assert "is live already" in capsys.readouterr().out
    assert len(changes(deployed.store(), FAMILY)) == len(DAYS) + 1


def test_a_rollback_that_was_stopped_half_way_is_said_and_can_be_taken_back(deployed):
    with killed_at(4), pytest.raises(Killed):
        deployed.roll(DAYS[0])
    [(state, found, advice)] = health._champions()
    assert state == "warning" and "stopped half way" in found
    assert f"setlist rollback {FAMILY} --to {DAYS[0]}" in advice
    assert deployed.roll(DAYS[-1]) == 0
    assert deployed.agree(DAYS[-1]) and len(changes(deployed.store(), FAMILY)) == len(DAYS)


def test_what_cannot_be_rolled_back_to_is_told_with_what_can(deployed, capsys):
    assert deployed.roll("2026-01-09") == 2
    assert "2026-01-05" in (said := capsys.readouterr().err) and "version 3" in said
    assert main(["rollback", "nobody", "--to", "2026-01-05", "--because", "x"]) == 2
    assert FAMILY in capsys.readouterr().err
    key = last_model(deployed.store(), FAMILY).address[2]
    assert main(["rollback", FAMILY, "--to", key[:8], "--because", "x", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["night"] == str(DAYS[-1])
