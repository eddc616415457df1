"""Nights that a real cron starts against a real luigid, on a small log of adverts.

Minutes of waiting and of work, so not in ``make test``: test_cron_line.py says the same of the
same line without cron.
"""

import datetime as dt
import gzip
import re
import shutil
import sys
import threading
import time

import pytest
from deployments import ENVIRONMENT, REPOSITORY
from real_cron import NoCron, running_cron
from receivers import free_port, receiving_posts
from runbook import assert_quotes
from test_cron_line import CRONTAB
from test_score_only import ad_log
from tiny_deployment import SETLIST, TinyDeployment

pytestmark = pytest.mark.long


class Home(TinyDeployment):
    """A deployment of the whole night, on an ad log of its own."""

    def __init__(self, where, posts, scheduler):
        super().__init__(where)
        self.posts, self.folder = posts, where.parent
        self.set("setlist", source="digix", folder="files")
        self.set("notify", workflows="nightly", webhook=posts.url("/hook"))
        self.set("core", local_scheduler="false", scheduler_url=f"http://127.0.0.1:{scheduler}")
        (self.home / "files").mkdir()

    def write(self, number, rows=1200):
        content = gzip.compress(ad_log(number).head(rows).to_csv(index=False).encode())
        (self.home / "files" / f"pt_d={number}.csv.gz").write_bytes(content)

    def copied_to(self, where):
        shutil.copytree(self.home, where, symlinks=True)
        copy = Home.__new__(Home)
        copy.__dict__ |= self.__dict__ | {"home": where, "folder": where.parent}
        return copy

    def table(self, day, catch_up):
        """The shipped table: its settings, ours, and its line in the minute after the next."""
        at = dt.datetime.now() + dt.timedelta(seconds=70)
        settings = {"SETLIST_HOME": self.home, "SETLIST_DAY": day,
                    "SETLIST_CATCH_UP": catch_up, **ENVIRONMENT}
        ours = "".join(f'{name}="{value}"\n' for name, value in settings.items())
        text = re.sub(r"(?m)^SETLIST_HOME=.*\n", ours, CRONTAB)
        text, found = re.subn(r"(?m)^15 4 \* \* \*(.*)$", rf"{at.minute} {at.hour} * * *\1", text)
        assert found == 1
        return text.rstrip() + '; echo $? > "$SETLIST_HOME/var/ended"\n'

    def night(self, day, catch_up=1, wait=900):
        """The exit code of a night that cron starts."""
        ended = self.home / "var" / "ended"
        ended.unlink(missing_ok=True)
        self.posts.taken.clear()
        try:
            with running_cron(self.folder, self.table(day, catch_up)):
                for _ in range(wait * 2):
                    if ended.exists() and ended.read_text():
                        return int(ended.read_text())
                    time.sleep(0.5)
        except NoCron as reason:
            pytest.skip(str(reason))
        raise TimeoutError(self.printed())

    def printed(self):
        return (self.home / "var" / "nightly.log").read_text()

    def told(self):
        return [([one["kind"] for one in body["new"]], [one["kind"] for one in body["over"]])
                for body in self.posts.bodies("/hook")]  # fmt: skip

    def kill_while_it_trains(self, day):
        """SIGKILL to every process of the night."""
        for _ in range(3000):
            if any(one["task"] == f"TrainModel/ad_targeting.{day}" for one in self.logged()):
                self.kill("nightly")
                return
            time.sleep(0.1)


@pytest.fixture(scope="module")
def posts():
    with receiving_posts() as server:
        yield server


@pytest.fixture(scope="module")
def healthy(tmp_path_factory, luigid, posts):
    """Four days of an ad log, and a first night that cron started and that went live."""
    home = Home(tmp_path_factory.mktemp("cron") / "home", posts, luigid)
    for number in range(1, 5):
        home.write(number)
    home.ended, home.first = home.night("2020-01-04", catch_up=0), home.told()
    return home


@pytest.fixture
def home(healthy, tmp_path):
    return healthy.copied_to(tmp_path / "home")


def test_all_is_good(healthy):
    assert healthy.ended == 0, healthy.printed()
    assert healthy.first == []
    assert "published as setlist-ad_targeting version 1" in healthy.printed()
    assert healthy.printed().splitlines()[-1].startswith("done: ")


def test_one_model_is_refused(home):
    home.write(5, rows=150)
    assert home.night("2020-01-05") == 0, home.printed()
    assert home.told() == [(["refused"], [])]


def test_one_task_fails(home):
    (home.home / "files" / "pt_d=5.csv.gz").write_bytes(b"not what its name says")
    assert home.night("2020-01-05") == 30, home.printed()
    assert set(home.told()[0][0]) == {"failed"} and "SourceUnreadable" in home.printed()


def test_a_source_is_missing_and_is_caught_up_the_next_night(home):
    assert home.night("2020-01-05") == 20, home.printed()
    # The night says that it waits for a file; monitoring, that the table did not grow.
    assert set(home.told()[0][0]) == {"source missing", "freshness"}
    assert_quotes("source-missing", home.posts.bodies("/hook")[0]["text"])
    home.write(5)
    home.write(6)
    assert home.night("2020-01-06") == 0, home.printed()
    assert {"source missing", "freshness"} <= set(home.told()[0][1])
    reports = home.home / "var" / "artifacts" / "WriteReport"
    assert len(list(reports.glob("*2020-01-0[456]/*/manifest.json"))) == 3


def test_the_scheduler_is_down(home):
    home.write(5)
    home.set("core", scheduler_url=f"http://127.0.0.1:{free_port()}")
    assert home.night("2020-01-05") == 40, home.printed()
    assert home.told() == [(["scheduler down"], [])]
    assert "no scheduler answers at" in home.printed()


def test_a_night_is_killed_and_started_again(home):
    home.write(5)
    killing = threading.Thread(target=home.kill_while_it_trains, args=["2020-01-05"])
    killing.start()
    assert home.night("2020-01-05") == 137, home.printed()
    killing.join()
    assert home.told() == []
    assert home.night("2020-01-05") == 0, home.printed()
    assert any("killed" in over for _, over in home.told())


def test_the_command_that_cron_runs_is_this_checkout(healthy):
    assert (healthy.home / ".venv/bin/setlist").read_text() == SETLIST
    assert sys.executable in SETLIST and (REPOSITORY / "deploy" / "nightly.sh").exists()
