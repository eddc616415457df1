"""Luigi's own page during a night and after it, in a real browser; ours beside it."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
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
        until(lambda: told(scheduler, "RUNNING"), 240)
        look_at_tasks(browser, scheduler)
        assert "RUNNING" in browser.text()
        browser.picture(pictures / "luigid-during.png")
        with serving(home) as page:
            browser.open(page.address)
            assert "It is being worked on now" in browser.text()
            browser.picture(pictures / "page-during.png")
        assert night.wait(900) == 0, (home.folder / "night.log").read_text()
        done = told(scheduler, "DONE")
        look_at_tasks(browser, scheduler)
        browser.picture(pictures / "luigid-after.png")
        browser.ask("document.querySelector('#taskTable .statusMessage').click()")
        browser.wait_for("document.querySelector('#statusMessageModal').innerText.includes('built')")
        time.sleep(0.5)  # the window fades in
        browser.picture(pictures / "luigid-message.png", whole=False)
        with serving(home) as page:
            for width in (1280, 390):
                browser.size(width)
                for path in ("/", f"/night/{DAY}", "/champions", "/drift"):
                    browser.open(page.address + path)
                    assert browser.overflow() <= 0
                    browser.picture(pictures / f"page{path.replace('/', '-')}-{width}.png")
    assert done["DecideModel"]["status_message"].startswith(("blessed: ", "refused: "))
    assert "normalized entropy" in done["EvaluateModel"]["status_message"]
    assert done["WriteReport"]["tracking_url"].endswith("/payload.html")
    assert all(one["progress_percentage"] == 100 and one["tracking_url"] for one in done.values())
    assert done["TrainModel"]["resources"] == {"isolated": 1}


def look_at_tasks(browser, scheduler):
    """Luigi's page draws its tasks when it is loaded."""
    browser.open("about:blank")
    browser.open(f"{scheduler}/static/visualiser/index.html")
    browser.wait_for(f"{ROWS} > 3", 60)


def until(look, seconds):
    last = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < last, f"not within {seconds} s"
        time.sleep(0.2)
    return found


def told(scheduler, status):
    """What Luigi's page knows of the tasks in a state that say something, by family."""
    data = urllib.parse.quote(json.dumps({"status": status, "upstream_status": ""}))
    with urllib.request.urlopen(f"{scheduler}/api/task_list?data={data}", timeout=30) as answer:
        found = json.load(answer)["response"]
    return {one["name"]: one for one in found.values() if one["status_message"]}
