"""Luigi's own page during a night and after it, in a real browser; ours beside it."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from browser import browsing
from deployments import ENVIRONMENT, Deployment
from pages import serving, wait_for

DAY = "2026-01-05"
PICTURES = os.environ.get("SETLIST_PICTURES", "")
LUIGID = "import sys; from luigi.cmdline import luigid; luigid(sys.argv[1:])"
ROWS = "document.querySelectorAll('#taskTable tbody tr').length"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return Deployment(tmp_path_factory.mktemp("scheduled") / "home", listeners=250,
                      minimum_audience=20)  # fmt: skip


@pytest.fixture(scope="module")
def scheduler(home):
    """A `luigid` that was started in the deployment's folder, so that it reads its settings."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", LUIGID, "--address", "127.0.0.1", "--port", str(port),
               "--state-path", "luigid.state"]  # fmt: skip
    with (home.folder / "luigid.log").open("wb") as log, subprocess.Popen(
        command, cwd=home.folder, stdout=log, stderr=log
    ) as server:
        try:
            wait_for(port, server, home.folder / "luigid.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Where pictures go to be looked at: the folder SETLIST_PICTURES, if it is named."""
    return Path(PICTURES) if PICTURES else tmp_path_factory.mktemp("pictures")


@contextlib.contextmanager
def night_under_way(home, scheduler):
    command = [sys.executable, "-m", "workflows.cli", "run", "user_segmentation", "--day", DAY,
               "--workers", "2", "--scheduler-url", scheduler]  # fmt: skip
    with (home.folder / "night.log").open("wb") as log, subprocess.Popen(
        command, cwd=home.folder, env=os.environ | ENVIRONMENT, stdout=log, stderr=log
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.long
def test_a_person_sees_on_the_schedulers_page_what_runs_and_what_came_of_it(
    home, scheduler, pictures, tmp_path
):
    with browsing(tmp_path / "profile") as browser, night_under_way(home, scheduler) as night:
        browser.size(1280)
        browser.open(f"{scheduler}/static/visualiser/index.html")
        browser.wait_for(f"{ROWS} > 3", 120)
        browser.picture(pictures / "luigid-during.png")
        with serving(home) as page:
            browser.open(page.address)
            assert "It is being worked on now" in browser.text()
            browser.picture(pictures / "page-during.png")
        assert night.wait(900) == 0, (home.folder / "night.log").read_text()
        browser.open(f"{scheduler}/static/visualiser/index.html")
        browser.wait_for(f"{ROWS} > 3", 60)
        assert "DecideModel" in browser.text() or "WriteReport" in browser.text()
        browser.picture(pictures / "luigid-after.png")
        told = _told(scheduler)
        with serving(home) as page:
            for width in (1280, 390):
                browser.size(width)
                for path in ("/", f"/night/{DAY}", "/champions", "/drift"):
                    browser.open(page.address + path)
                    assert browser.overflow() <= 0
                    browser.picture(pictures / f"page{path.replace('/', '-')}-{width}.png")
    assert told["DecideModel"]["status_message"].startswith(("blessed: ", "refused: "))
    assert "normalized entropy" in told["EvaluateModel"]["status_message"]
    assert told["WriteReport"]["tracking_url"].endswith("/payload.html")
    assert all(one["progress_percentage"] == 100 and one["tracking_url"] for one in told.values())


def _told(scheduler):
    """What Luigi's page knows of the tasks that were done, by family."""
    data = urllib.parse.quote(json.dumps({"status": "DONE", "upstream_status": ""}))
    with urllib.request.urlopen(f"{scheduler}/api/task_list?data={data}", timeout=30) as answer:
        found = json.load(answer)["response"]
    return {one["name"]: one for one in found.values() if one["status_message"]}
