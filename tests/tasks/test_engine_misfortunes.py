"""What befalls the machines themselves: a disk that became read-only, a scheduler that is
restarted, a worker machine that is lost, a clock that steps back."""

import datetime as dt
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import luigi
import pytest
from luigi import configuration
from luigid_server import free_port, serving_luigid
from slow_graph import Step, Walkway

from tasks.engine import ArtifactTask, build, why, workshop

PROGRAM = "import slow_graph, sys; slow_graph.main(*sys.argv[1:])"
BUILT_ONCE = {"Walkway.8", *(f"Step.{number}" for number in range(8))}
#: A superuser may write anywhere; without these he may not, as anybody else.
PLAIN_USER = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


class Page(ArtifactTask):
    text = luigi.Parameter()

    def label(self):
        return "of one label"

    def recipe(self):
        return functools.partial(written, text=self.text)


def written(text):
    return text


def start(*arguments, before=()):
    """Run the slow graph in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        [*before, sys.executable, "-c", PROGRAM, *arguments], env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def settings(**options):
    """Let this process and the ones it starts use these, and forget what was known."""
    for option, value in options.items():
        configuration.get_config().set("engine", option, value)
    lines = [f"{name} = {value}\n" for name, value in configuration.get_config().items("engine")]
    rpc = "[core]\nrpc_connect_timeout = 2\nrpc_retry_attempts = 3\nrpc_retry_wait = 1\n"
    Path("luigi.cfg").write_text(f"[engine]\n{''.join(lines)}{rpc}")
    workshop._workshops.clear()


def built_so_far():
    workshop._workshops.clear()
    return len(workshop.workshop().store.labels("Step"))


def until(happened, seconds=20):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def outcomes():
    """What was built, over all runs and machines that share the folder."""
    lines = [line for path in Path().rglob("_runs/*.jsonl") for line in path.open() if line.strip()]
    records = map(json.loads, lines)
    return sorted(f"{one['task']}.{one['label']}" for one in records if one["outcome"] == "built")


@pytest.mark.skipif(not shutil.which("setpriv"), reason="needs setpriv of util-linux")
def test_a_store_that_became_read_only_serves_what_it_has_and_says_what_is_wrong(place):
    settings()
    assert build([Step(number=0)], log_level="CRITICAL").succeeded
    before = PLAIN_USER if os.geteuid() == 0 else []
    for folder in ("store", "store/_leases", "store/_leases/locks", "store/_runs"):
        os.chmod(folder, 0o555)
    one = start(before=before)
    said = one.communicate()[1]
    for folder in Path("store").rglob("*"):
        os.chmod(folder, 0o755)
    os.chmod("store", 0o755)
    assert one.returncode == 1
    assert "NotWritable" in said and "must be writable by whoever runs tasks" in said
    assert start().communicate()[0].split() == sorted(BUILT_ONCE - {"Step.0"})


def test_a_scheduler_that_is_killed_and_restarted_costs_no_more_than_another_run(place):
    settings()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with serving_luigid(place, port) as first:
        run = start(url)
        until(lambda: built_so_far() >= 2)
        first.kill()
        first.wait()
    with serving_luigid(place, port):
        said, trouble = run.communicate(timeout=60)
        # A run that lost its scheduler's memory may end unfinished; it never says that it did.
        assert (run.returncode == 0) == (built_so_far() == 8 and "Walkway" in said), trouble
        last = start(url)
        assert last.communicate(timeout=60) and last.returncode == 0
    assert outcomes() == sorted(BUILT_ONCE)


def test_the_work_of_a_machine_that_was_lost_is_taken_over_by_another(place, any_gcs):
    url = f"gs://{any_gcs.new_bucket()}"
    settings(root=url, cache="one", lease_seconds="1.5", listing_seconds="60")
    lost = start(before=machine("one"))
    until(lambda: built_so_far() >= 2)
    settings(root=url, cache="two", lease_seconds="1.5", listing_seconds="60")
    other = start(before=machine("two"))
    time.sleep(0.5)
    os.killpg(lost.pid, signal.SIGKILL)
    lost.communicate()
    assert other.communicate(timeout=60) and other.returncode == 0
    assert Walkway().output().load() == sum(range(8))
    assert outcomes() == sorted(BUILT_ONCE)


def machine(name):
    """A host of another name, where the kernel lets us have one."""
    command = ["unshare", "--uts", "sh", "-c", f'hostname {name} && exec "$@"', "sh"]
    allowed = shutil.which("unshare") and not subprocess.run(
        [*command, "true"], stderr=subprocess.DEVNULL).returncode  # fmt: skip
    return command if allowed else []


def test_after_a_clock_stepped_back_the_newest_is_still_what_was_built_last(place, caplog):
    settings()
    assert build([Page(text="first")], log_level="CRITICAL").succeeded
    ahead(dt.timedelta(hours=2))
    second = build([Page(text="second")], log_level="CRITICAL")
    assert [one.reasons for one in second.built] == [["value text first -> second"]]
    assert "the clock stepped back" in caplog.text
    store = workshop.workshop().store
    newest = store.newest("Page", "of one label")
    assert store.read(newest) == "second"
    manifest, _ = why(Page(text="second"))
    assert dt.datetime.fromisoformat(manifest.created) > dt.datetime.now(dt.UTC)


def ahead(by):
    """Let what there is be built by a clock that was ahead."""
    [path] = Path("store/Page").rglob("manifest.json")
    told = json.loads(path.read_text())
    later = (dt.datetime.fromisoformat(told["created"]) + by).isoformat(timespec="microseconds")
    path.write_text(path.read_text().replace(told["created"], later))
    Path("store/_journal.jsonl").unlink()
    workshop._workshops.clear()
    workshop.workshop().store.find(("Page", "of one label", told["key"]))
