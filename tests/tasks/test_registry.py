"""The registry on a real PostgreSQL server: many writers, bad situations, and being lost."""

import contextlib
import datetime as dt
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import mlflow
import pytest
import sqlalchemy
from alembic import command
from mlflow.store.db.utils import _get_alembic_config
from planted_registry import FAMILY, ROWS, Nights
from postgres_server import PASSWORD
from store_places import BucketPlace, FolderPlace

from tasks.engine import registry
from tasks.engine.errors import (
    RegistryAbsent,
    RegistryBusy,
    RegistryDenied,
    RegistryDriverMissing,
    RegistryError,
    RegistryMisnamed,
    RegistryOutdated,
    RegistryRefused,
    RegistryTooNew,
    RegistryUnreachable,
)
from tasks.engine.identity import flatten
from tasks.engine.registry import RegistryAddress, database
from tasks.restoring import restore_registry

REPOSITORY = Path(__file__).parents[2]
DAYS = [dt.date(2026, 1, day) for day in (5, 6)]
NAME = registry.model_name(FAMILY)


def address(url, **places):
    return RegistryAddress.parsed(url, **places)


WRITER = """
import datetime as dt, json, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import mlflow.lightgbm, mlflow.pyfunc, mlflow.store.tracking.sqlalchemy_store
import mlflow.store.model_registry.sqlalchemy_store, psycopg, alembic.command, pyarrow.parquet
from planted_registry import EVALUATED, FAMILY, ROWS, bundle
from tasks.engine import registry
from tasks.engine.codec import write
from tasks.engine.registry import RegistryAddress

places = {}
for seed in (1, 2):
    places[seed] = Path(f"decided/DecideModel/{seed}")
    places[seed].mkdir(parents=True)
    write(bundle(seed), places[seed])
ROWS.to_parquet("rows.parquet")

def publish(seed, family):
    return registry.publish(
        places[seed], EVALUATED, Path("rows.parquet"), family=family,
        night=dt.date(2026, 1, seed), tracking=RegistryAddress.parsed(sys.argv[2], "files"),
        loader="ml.serving")["version"]

children = []
for number in range(4):
    child = os.fork()
    if child == 0:
        family = ("songs", "adverts")[number % 2]
        made = {seed: publish(seed, family) for seed in ((1, 2), (2, 1))[number // 2 % 2]}
        Path(f"{family}.{number}.json").write_text(json.dumps(made))
        os._exit(0)
    children.append(child)
sys.exit(sum(os.waitpid(child, 0)[1] for child in children))
"""


def test_writers_at_once_make_a_registry_once_and_register_each_model_once(postgres, tmp_path):
    """Four meet on a database without tables, and two of them publish the same at once."""
    fresh = postgres.url(postgres.database())
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-c", WRITER, str(Path(__file__).parent), fresh]
    done = subprocess.run(command, cwd=tmp_path, text=True, capture_output=True, env=environment)
    assert done.returncode == 0, done.stderr
    for family in ("songs", "adverts"):
        told = [json.loads(one.read_text()) for one in tmp_path.glob(f"{family}.*.json")]
        versions = registry.versions_in(address(fresh), family)
        assert [one.number for one in versions] == ["1", "2"]
        assert told == [{one.night[-1]: one.number for one in versions}] * 2
        assert registry.champion_in(address(fresh), family).night == "2026-01-02"


HOLDER = """
import sys, time
from tasks.engine.registry import RegistryAddress, database
with database._alone(RegistryAddress.parsed(sys.argv[1]), "a model", 5.0):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_holder_is_waited_for_then_named_and_gone_when_it_was_killed(url):
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen([sys.executable, "-c", HOLDER, url], text=True, env=environment,
                          stdout=subprocess.PIPE) as holder:  # fmt: skip
        try:
            assert holder.stdout.readline() == "held\n"
            with (pytest.raises(RegistryBusy, match="pg_terminate_backend"),
                  database.opened(address(url), "a model", patience=0.2)):  # fmt: skip
                pass
            with database.opened(address(url), "another model", patience=0.2) as client:
                assert client.search_registered_models() == []
        finally:
            holder.kill()
    with database.opened(address(url), "a model", patience=10) as client:
        assert client is not None


def test_a_server_that_is_down(postgres):
    before = time.monotonic()
    with pytest.raises(RegistryUnreachable, match=r"did not answer .*Check that it runs"):
        registry.versions_in(address(postgres.url("any", port=1)), FAMILY)
    assert time.monotonic() - before < 5


@pytest.mark.parametrize("password, said", [
    ("wrong", "password authentication failed"), (None, "no password supplied")])  # fmt: skip
def test_a_password_that_is_wrong_or_lacking(postgres, ready, password, said):
    user = postgres.user()
    with pytest.raises(RegistryRefused, match=rf"password of {user} .*{said}.*\.pgpass"):
        registry.versions_in(address(postgres.url(ready, user, password)), FAMILY)


def test_a_user_that_does_not_exist(postgres, ready):
    with pytest.raises(RegistryRefused, match=r"knows no user phantom .*createuser --pwprompt"):
        registry.versions_in(address(postgres.url(ready, "phantom")), FAMILY)


def test_a_machine_or_user_that_is_kept_out(postgres, ready):
    with pytest.raises(RegistryRefused, match=r"does not let stranger in .*pg_hba\.conf"):
        registry.versions_in(address(postgres.url(ready, "stranger")), FAMILY)


def test_a_database_that_does_not_exist(postgres):
    with pytest.raises(RegistryAbsent, match=r"no database 'nowhere'.*createdb .*doctor --restore"):
        registry.versions_in(address(postgres.url("nowhere")), FAMILY)


def test_a_user_who_may_not_make_tables(postgres):
    user = postgres.user()
    told = "ALTER DATABASE registry_.* OWNER TO user_"
    with pytest.raises(RegistryDenied, match=f"permission denied for schema public.*{told}"):
        registry.upgrade(address(postgres.url(postgres.database(), user, quoted(PASSWORD))))


def test_a_user_who_may_read_but_not_write(postgres, ready):
    user, name = postgres.user(), postgres.database(template=ready)
    postgres.ask("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}", user, database=name)
    there = address(postgres.url(name, user, quoted(PASSWORD)))
    assert registry.versions_in(there, FAMILY) == []
    with pytest.raises(RegistryDenied, match="may not write"):
        registry.require_writable(there)
    with (pytest.raises(RegistryDenied, match="permission denied for table"),
          database.opened(there, NAME) as client):  # fmt: skip
        client.create_registered_model(NAME)


def test_a_user_who_may_not_even_read(postgres, ready):
    there = postgres.url(postgres.database(template=ready), postgres.user(), quoted(PASSWORD))
    with pytest.raises(RegistryDenied, match="permission denied for table alembic_version"):
        registry.versions_in(address(there), FAMILY)


def test_a_server_with_no_connection_left(postgres, url):
    user, name = postgres.user(), url.rpartition("/")[2]
    postgres.ask("ALTER ROLE {} CONNECTION LIMIT 0", user)
    with pytest.raises(RegistryBusy, match=r"server is full .*max_connections"):
        registry.versions_in(address(postgres.url(name, user, quoted(PASSWORD))), FAMILY)


@pytest.mark.parametrize("scheme", ["postgresql+psycopg2", "postgresql+nonsense"])
def test_a_driver_that_is_not_installed(scheme):
    with pytest.raises(RegistryDriverMissing, match=r"not installed .*Write postgresql://"):
        registry.versions_in(address(f"{scheme}://someone@127.0.0.1:1/any"), FAMILY)


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "registry.db").write_text("not a database, but long enough to be looked at " * 9)
    with pytest.raises(RegistryUnreachable, match=r"not a database.*permissions"):
        registry.versions_in(address(f"sqlite:///{tmp_path}/registry.db"), FAMILY)


def test_an_older_schema_is_refused_until_it_is_upgraded_on_purpose(url):
    with engine(url).begin() as connection:
        config = _get_alembic_config(url)
        config.attributes["connection"] = connection
        command.downgrade(config, "-1")
    there = address(url)
    with pytest.raises(RegistryOutdated, match=r"Back the database up.*doctor --upgrade-registry"):
        registry.versions_in(there, FAMILY)
    with pytest.raises(RegistryOutdated), database.opened(there, NAME):
        pass
    before = registry.upgrade(there)
    assert not before.is_current and registry.schema_of(there).is_current
    assert registry.versions_in(there, FAMILY) == []


def test_a_newer_schema_is_refused_and_never_touched(url):
    with engine(url).begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = 'fffff1'"))
    for ask in (lambda: registry.versions_in(address(url), FAMILY),
                lambda: registry.upgrade(address(url))):  # fmt: skip
        with pytest.raises(RegistryTooNew, match=r"fffff1, which MLflow .* Update this machine"):
            ask()
    assert registry.schema_of(address(url)).found == "fffff1"


def engine(url):
    return sqlalchemy.create_engine(address(url).url, poolclass=sqlalchemy.NullPool)


def quoted(password):
    return quote(password, safe="")


def test_a_password_is_used_and_written_nowhere(postgres, ready):
    user, name = postgres.user(), postgres.database(template=ready)
    postgres.ask("GRANT ALL ON ALL TABLES IN SCHEMA public TO {}", user, database=name)
    there = address(postgres.url(name, user, quoted(PASSWORD)))
    assert registry.versions_in(there, FAMILY) == []
    shown = [str(there), repr(there), *(text for _, text in flatten(there, "tracking", print))]
    shown.append(str(address(f"{there.shown}?password=p%40ss&sslmode=disable")))
    with contextlib.suppress(RegistryError):
        registry.versions_in(address(str(there).replace(name, "gone")), FAMILY)
    assert not [text for text in shown if "p%40ss" in text or PASSWORD in text]
    assert "sslmode=disable" in shown[-1]
    unlike = address(postgres.url(name, user, "another"))
    assert unlike.__fingerprint__() == there.__fingerprint__()


@pytest.mark.parametrize("text, said", [
    ("var/registry.db", "it must be sqlite:///"),
    ("mysql://someone@host/registry", "it must be sqlite:///"),
    ("postgresql://someone@host:5432", "names no database"),
    ("postgresql://someone:a/b@host:5432/registry", "must be written with % codes"),
])  # fmt: skip
def test_a_setting_that_is_no_address(text, said):
    with pytest.raises(RegistryMisnamed, match=said):
        address(text)


def test_where_models_files_go(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    server, here = "postgresql://someone@host/registry", tmp_path.as_uri()
    assert address("sqlite:///var/r.db").files == f"{here}/var/r-artifacts"
    assert address(server).files == f"{here}/var/registry-artifacts"
    assert address(server, bucket="gs://b/setlist").files == "gs://b/setlist-registry"
    assert address(server, bucket="gs://b").files == "gs://b/_registry"
    assert address(server, files="gs://c/d", bucket="gs://b").files == "gs://c/d"
    assert address("sqlite:///r.db", files="models").files == f"{here}/models"
    assert address("https://mlflow.example").files is None


@pytest.fixture(params=[FolderPlace, BucketPlace], ids=["folder", "bucket"])
def place(request, tmp_path):
    gcs = request.getfixturevalue("any_gcs") if request.param is BucketPlace else None
    return request.param(tmp_path, gcs)


def test_a_registry_that_was_lost_is_restored_from_the_receipts(
    place, url, postgres, ready, tmp_path
):
    """On a folder and on a bucket; from the store alone, and as often as one likes."""
    bucket = place.bucket.url if isinstance(place, BucketPlace) else ""
    files = "" if bucket else str(tmp_path / "files")
    was, now = (address(one, bucket=bucket, files=files)
                for one in (postgres.url(postgres.database(ready)), url))  # fmt: skip
    nights = Nights(place.machine(), was, tmp_path)
    receipts = [nights.publish(day, seed) for seed, day in enumerate(DAYS)]
    restored = list(restore_registry(place.machine(), now))
    assert [one.outcome for one in restored] == ["restored"] * 2
    assert registry.versions_in(now, FAMILY) == registry.versions_in(was, FAMILY)
    assert registry.champion_in(now, FAMILY).digest == receipts[-1]["digest"]
    again = list(restore_registry(place.machine(), now))
    assert [one.outcome for one in again] == ["was there"] * 2
    assert len(registry.versions_in(now, FAMILY)) == 2
    mlflow.set_tracking_uri(now.url)
    model = mlflow.pyfunc.load_model(f"models:/{NAME}@champion")
    assert model.predict(ROWS)["probability"].between(0, 1).all()


def test_a_model_that_is_not_in_the_store_any_more_is_told_and_the_others_are_restored(
    url, postgres, ready, tmp_path
):
    place = FolderPlace(tmp_path)
    was = address(postgres.url(postgres.database(template=ready)), files=str(tmp_path / "files"))
    nights = Nights(place.machine(), was, tmp_path)
    for seed, day in enumerate(DAYS):
        nights.publish(day, seed)
    (gone,) = (place.folder / "DecideModel" / f"{FAMILY}.{DAYS[0]}").iterdir()
    (gone / "model.txt").unlink()
    lost, restored = restore_registry(place.machine(), address(url, files=str(tmp_path / "new")))
    assert (lost.outcome, restored.outcome) == ("lost", "restored")
    command = f"setlist run DecideModel --family {FAMILY} --day {DAYS[0]}"
    assert "is not in the store" in lost.detail and command in lost.detail
    assert restored.detail == "was version 2 when it was published"
    assert registry.champion_in(address(url), FAMILY).night == str(DAYS[1])
