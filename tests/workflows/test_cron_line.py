"""The line of deploy/crontab, run by a shell with as little as cron gives it: how nights end."""

import contextlib
import re
import subprocess
import sys
import time
import urllib.request

import pytest
from deployments import REPOSITORY
from real_cron import NoCron, running_cron
from receivers import free_port, receiving_posts
from runbook import assert_quotes
from tiny_deployment import TinyDeployment

CRONTAB = (REPOSITORY / "deploy" / "crontab").read_text()
DAY = "2026-02-04"


def command():
    """The command of the one line that is a schedule."""
    [line] = re.findall(r"^[\d*][^\n]*$", CRONTAB, flags=re.M)
    return line.split(None, 5)[5]


class CronHome(TinyDeployment):
    """The tiny night as cron runs it, with a receiver of its messages."""

    def __init__(self, home, posts):
        super().__init__(home)
        self.posts = posts
        self.set("notify", workflows="tiny", webhook=posts.url("/hook"))
        self.set("core", rpc_retry_wait=0)

    def start(self, **settings):
        environment = {**self.environment, "SETLIST_DAY": DAY, "SETLIST_WORKFLOW": "Tiny",
                       "SETLIST_CATCH_UP": "0", **settings}  # fmt: skip
        line = command().replace('nightly.sh"', 'nightly.sh" --module tiny')
        return subprocess.Popen(["/bin/sh", "-c", line], cwd="/", env=environment,
                                start_new_session=True)  # fmt: skip

    def night(self, **settings):
        """The exit code of a night, as cron sees it."""
        return self.start(**settings).wait(timeout=120)

    def told(self):
        """What was told since the last look: kinds that are new, and kinds that are over."""
        bodies = self.posts.bodies("/hook")
        self.said = "\n".join(body["text"] for body in bodies)
        self.posts.taken.clear()
        return [([one["kind"] for one in body["new"]], [one["kind"] for one in body["over"]])
                for body in bodies]  # fmt: skip

    def printed(self):
        return (self.home / "var" / "nightly.log").read_text()


@pytest.fixture
def cron(tmp_path):
    with receiving_posts() as posts:
        home = CronHome(tmp_path / "home", posts)
        for day in ("2026-02-02", "2026-02-03", DAY):
            home.log(day, "a,30", "b,10")
        yield home


def test_all_is_good_on_a_real_scheduler_and_nobody_is_told(cron, luigid):
    cron.set("core", local_scheduler="false", scheduler_url=f"http://127.0.0.1:{luigid}")
    assert cron.night() == 0 and cron.told() == []
    assert "done: 4 built, 0 reused, 0 refused, 0 failed" in cron.printed()


def test_a_real_cron_runs_the_shipped_table(cron, luigid):
    """At its start instead of at 04:15; test_cron.py waits for the minute."""
    cron.log(DAY, "a,-1")
    cron.set("core", local_scheduler="false", scheduler_url=f"http://127.0.0.1:{luigid}")
    settings = {**cron.environment, "SETLIST_DAY": DAY, "SETLIST_WORKFLOW": "Tiny",
                "SETLIST_CATCH_UP": "0"}  # fmt: skip
    ours = "".join(f'{name}="{settings[name]}"\n' for name in settings if "SHELL" not in name)
    table = re.sub(r"(?m)^SETLIST_HOME=.*\n", ours, CRONTAB).replace("15 4 * * *", "@reboot")
    ended = cron.home / "var" / "ended"
    table = table.replace('nightly.sh"', 'nightly.sh" --module tiny').rstrip()
    try:
        with running_cron(cron.home.parent, f"{table}; echo $? > {ended}\n"):
            for _ in range(600):
                if ended.exists() and ended.read_text():
                    break
                time.sleep(0.1)
    except NoCron as reason:
        pytest.skip(str(reason))
    assert ended.read_text() == "30\n", cron.printed()
    assert cron.told() == [(["failed"], [])]


def test_a_task_fails_and_the_next_night_it_is_over(cron):
    cron.log(DAY, "a,-1")
    assert cron.night() == 30 and cron.told() == [(["failed"], [])]
    assert_quotes("failed", cron.said)
    assert "ValueError: 2026-02-04: a play of -1 seconds" in cron.printed()
    cron.log(DAY, "a,1", "b,1")
    assert cron.night() == 0 and cron.told() == [([], ["failed"])]


def test_a_late_source_is_caught_up_the_next_night(cron):
    late = cron.home / "logs" / f"{DAY}.csv"
    content = late.read_text()
    late.unlink()
    assert cron.night() == 20 and cron.told() == [(["source missing"], [])]
    assert "logs/2026-02-04.csv is not there" in cron.said
    late.write_text(content)
    cron.log("2026-02-05", "a,30")
    assert cron.night(SETLIST_DAY="2026-02-05", SETLIST_CATCH_UP="1") == 0
    assert cron.told() == [([], ["source missing"])]
    assert list((cron.home / "var" / "artifacts" / "MakeChart").glob(f"{DAY}/*/manifest.json"))


def test_a_night_that_was_finished_is_not_caught_up(cron):
    assert cron.night() == 0
    cron.log("2026-02-02", "a,30", "b,10", "c,10")
    cron.log("2026-02-05", "a,30")
    assert cron.night(SETLIST_DAY="2026-02-05", SETLIST_CATCH_UP="1") == 0
    assert len(list((cron.home / "var" / "artifacts" / "MakeChart").glob(f"{DAY}/*"))) == 1


def test_the_scheduler_is_down_and_the_message_says_so(cron):
    port = free_port()
    cron.set("core", local_scheduler="false", scheduler_url=f"http://user:secret@127.0.0.1:{port}")
    assert cron.night() == 40 and cron.told() == [(["scheduler down"], [])]
    assert_quotes("scheduler-down", cron.said)
    printed = cron.printed()
    assert f"SchedulerUnreachable: no scheduler answers at http://127.0.0.1:{port}" in printed
    assert "Connection refused" in printed and not (cron.runs.parent / "CountPlays").exists()


def test_a_scheduler_that_somebody_paused_runs_nothing_and_that_is_told(cron, luigid):
    cron.set("core", local_scheduler="false", scheduler_url=f"http://127.0.0.1:{luigid}")
    try:
        scheduler(luigid, "pause")
        assert cron.night() == 25 and cron.told() == [(["not run"], [])]
        assert_quotes("not-run", cron.said)
    finally:
        scheduler(luigid, "unpause")


def scheduler(port, word):
    """What the button of the scheduler's page does."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/{word}?data=%7B%7D") as answer:
        assert answer.status == 200


def test_luigis_own_command_ends_with_35_when_a_task_cannot_be_planned(cron):
    code = (cron.home / "tiny.py").read_text()
    (cron.home / "tiny.py").write_text(code.replace("yield MakeChart(day=self.day)", "return 1/0"))
    done = subprocess.run(
        [sys.executable, "-m", "luigi", "--module", "tiny", "Tiny", "--day", DAY], cwd=cron.home,
        env=cron.environment, capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 35 and "ZeroDivisionError" in done.stderr


def waiting(cron):
    """A night that was started and has begun to count."""
    (cron.home / "hold").touch()
    process = cron.start()
    for _ in range(1200):
        with contextlib.suppress(FileNotFoundError):
            if any(one["task"] for one in cron.logged()):
                return process
        time.sleep(0.05)
    raise TimeoutError(cron.printed())


def test_a_night_that_was_killed_is_finished_by_the_next_which_tells_of_it(cron):
    process = waiting(cron)
    cron.kill()
    assert process.wait(timeout=60) == 137
    (cron.home / "hold").unlink()
    assert cron.told() == []
    assert cron.night() == 0 and cron.told() == [([], ["killed"])]
    assert_quotes("killed", cron.said)
    assert cron.state()["open"] == [] and cron.state()["running"] == {}


def test_a_night_that_takes_too_long_is_stopped_and_told(cron):
    (cron.home / "hold").touch()
    assert cron.night(SETLIST_LIMIT="12") == 124
    assert cron.told() == [(["stopped"], [])]
    assert_quotes("stopped", cron.said)
    assert "was asked to stop (SIGTERM)" in cron.printed()
    (cron.home / "hold").unlink()
    assert cron.night() == 0 and cron.told() == [([], ["stopped"])]


def test_a_second_night_beside_a_running_one_ends_at_once(cron):
    process = waiting(cron)
    assert cron.night() == 10
    (cron.home / "hold").unlink()
    assert process.wait(timeout=60) == 0


@pytest.mark.long
def test_settings_that_cannot_be_used_end_the_night_with_40_and_are_told(cron):
    cron.set("setlist", source="nowhere")
    assert cron.night(SETLIST_CATCH_UP="1") == 40 and cron.told() == [(["not started"], [])]
    assert_quotes("not-started", cron.said)
    assert "Misconfigured: [setlist] source is 'nowhere'" in cron.printed()


def test_an_error_nobody_foresaw_ends_the_night_with_1_and_is_told(cron):
    (cron.home / "tiny.py").write_text("raise RuntimeError('a module that does not load')\n")
    assert cron.night() == 1 and cron.told() == [(["exception"], [])]
    assert_quotes("exception", cron.said)
    assert "RuntimeError: a module that does not load" in cron.printed()


def test_a_wrong_parameter_ends_the_night_with_2_and_is_told(cron):
    assert cron.night(SETLIST_DAY="yesterday") == 2
    assert cron.told() == [(["not started"], [])]
    assert_quotes("not-started", cron.said)


def test_secrets_come_from_a_file_that_cron_does_not_see(cron):
    secrets = cron.home / "secrets"
    secrets.write_text("SETLIST_WEBHOOK_TOKEN='from the file'\n")
    cron.log(DAY, "a,-1")
    assert cron.night(SETLIST_SECRETS=str(secrets)) == 30
    assert cron.posts.taken[0][1]["Authorization"] == "Bearer from the file"


def test_a_refused_model_ends_a_night_with_0_and_is_told(night, tmp_path):
    """The whole night of the small world, which is there already, through cron's line."""
    with receiving_posts() as posts:
        copy = night.copied_to(tmp_path / "world")
        home = CronHome(tmp_path / "home", posts)
        (copy.folder / "var").rename(home.home / "var")
        (copy.folder / "luigi.cfg").replace(home.home / "luigi.cfg")
        home.set("notify", workflows="nightly", webhook=posts.url("/hook"), stale_champion_days=-1)
        home.set("metrics", textfile_folder="var")
        ended = home.start(SETLIST_WORKFLOW="nightly", SETLIST_DAY=str(night.day),
                           NO_COLOR="1").wait(timeout=300)  # fmt: skip
        assert ended == 0, home.printed()
        [body] = posts.bodies("/hook")
        refused = [one["subject"] for one in body["new"] if one["kind"] == "refused"]
        assert "ad_targeting" in refused
        assert "at least 500 are needed" in body["text"] and body["exit_code"] == 0
        assert_quotes("refused", body["text"])
        assert_quotes("stale-champion", body["text"])
        assert "no model of ad_targeting was ever blessed" in body["text"]
        figures = (home.home / "var" / "setlist_nightly.prom").read_text()
        of_live = 'family="user_segmentation",workflow="nightly"}'
        assert f"setlist_champion_night_timestamp_seconds{{{of_live}" in figures
        found = re.search(rf"setlist_live_model_normalized_entropy{{{re.escape(of_live)} (.*)",
                          figures)  # fmt: skip
        assert 0 < float(found[1]) < 1
        count = f'setlist_concerns_open{{kind="refused",workflow="nightly"}} {len(refused)}.0'
        assert count in figures
