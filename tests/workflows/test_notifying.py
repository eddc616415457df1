"""Who is told what after a run: by real servers, once, and again when it is over."""

import datetime as dt
import json
import subprocess
import sys

import pytest
from receivers import PASSWORD, USER, receiving_mail, receiving_posts, write_certificate
from runbook import assert_quotes
from tiny_deployment import TinyDeployment

from workflows.concerns import concern
from workflows.notifying.open_concerns import Open, changes

NOW = dt.datetime(2026, 2, 5, 4, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
FAILED = concern("failed", "TrainModel/ad_targeting.2026-02-04", "IsolatedFailure: it died")
REFUSED = concern("refused", "ad_targeting", "ad_targeting 2026-02-04: refused (too few rows)")


def opened(one, told="", night="2026-02-04"):
    return Open(one, since=(NOW - 2 * DAY).isoformat(), night=night, told=told)


def compared(before, found, over=True, night="2026-02-05"):
    return changes(before, found, night, NOW, DAY, lambda _: over)


def test_what_was_told_this_morning_is_not_told_again():
    told = opened(FAILED, told=(NOW - DAY / 2).isoformat())
    made = compared([told], [FAILED])
    assert not made.is_worth_a_message and [one.concern for one in made.still] == [FAILED]
    assert made.still[0].since == told.since


def test_what_stays_open_is_told_again_after_a_day():
    made = compared([opened(FAILED, told=(NOW - DAY).isoformat())], [FAILED])
    assert made.is_worth_a_message and not made.new and len(made.reminded) == 1


def test_what_could_not_be_delivered_is_still_new():
    made = compared([opened(FAILED)], [FAILED])
    assert [one.concern for one in made.new] == [FAILED]


def test_what_is_over_is_told_once_and_the_new_thing_with_it():
    made = compared([opened(FAILED, told=NOW.isoformat())], [REFUSED])
    assert [one.concern for one in made.over] == [FAILED]
    assert [one.concern for one in made.new] == [REFUSED]
    assert [one.concern for one in made.open] == [REFUSED]


def test_a_run_for_an_older_night_ends_nothing_of_a_newer_one():
    told = opened(FAILED, told=NOW.isoformat())
    made = compared([told], [], night="2026-02-03")
    assert made.over == [] and made.still == [told]


def test_a_failure_of_a_night_that_is_not_run_any_more_is_dropped_in_silence():
    made = compared([opened(FAILED, told=NOW.isoformat())], [], over=None)
    assert not made.is_worth_a_message and made.open == []


@pytest.fixture
def tiny(tmp_path):
    """Three days of logs, of which the last has a play of less than no time."""
    place = TinyDeployment(tmp_path / "home")
    for day in ("2026-02-02", "2026-02-03"):
        place.log(day, "a,30", "b,10")
    place.log("2026-02-04", "a,-1")
    return place


def setlist(place, *arguments, **more):
    return subprocess.run(
        [sys.executable, "-m", "workflows.cli", *arguments], cwd=place.home, text=True,
        capture_output=True, env={**place.environment, **more}, timeout=120,
    )  # fmt: skip


def night(place, *options, **more):
    return setlist(place, "run", "Tiny", "--module", "tiny", "--day", "2026-02-04", *options,
                   **more)  # fmt: skip


def test_a_failure_goes_out_by_mail_slack_and_webhook_and_so_does_its_end(tiny, tmp_path):
    certificate = write_certificate(tmp_path / "certificate.pem")
    with receiving_mail(certificate) as mail, receiving_posts() as posts:
        tiny.set("notify", mail_to="team@example.org", mail_from="setlist@example.org",
                 smtp_host="127.0.0.1", smtp_port=mail.port, smtp_user=USER,
                 webhook=posts.url("/hook"), runbook="https://docs.example.org/RUNBOOK.md")
        secrets = {"SETLIST_SMTP_PASSWORD": PASSWORD, "SSL_CERT_FILE": str(certificate),
                   "SETLIST_SLACK_WEBHOOK": posts.url("/slack/secret"),
                   "SETLIST_WEBHOOK_TOKEN": "a token"}  # fmt: skip
        done = night(tiny, **secrets)
        assert done.returncode == 30, done.stderr
        assert "told by mail, Slack, webhook" in done.stderr
        [message] = mail.messages
        assert message["Subject"] == "Setlist tiny 2026-02-04: 1 failed"
        text = message.get_content()
        assert "- failed: CountPlays/2026-02-04" in text
        assert "ValueError: 2026-02-04: a play of -1 seconds" in text
        assert "what now: https://docs.example.org/RUNBOOK.md#failed" in text
        assert "exit code 30" in text and "/_runs/" in text
        assert posts.bodies("/slack/secret")[0]["text"].startswith("*Setlist tiny 2026-02-04: 1 fa")
        [hook] = posts.bodies("/hook")
        assert hook["new"][0]["kind"] == "failed" and hook["exit_code"] == 30
        assert posts.taken[-1][1]["Authorization"] == "Bearer a token"

        assert night(tiny, **secrets).returncode == 30
        assert len(mail.messages) == 1, "told twice"

        tiny.log("2026-02-04", "a,30")
        assert night(tiny, **secrets).returncode == 0
        assert [one["Subject"] for one in mail.messages[1:]] == ["Setlist tiny 2026-02-04: 1 over"]
        assert tiny.open() == [] and tiny.state()["last_success"]
        kept = "".join(path.read_text() for path in tiny.runs.iterdir())
        assert PASSWORD not in kept and "slack/secret" not in kept and "a token" not in kept


def test_whoever_cannot_be_reached_is_said_and_told_the_next_time(tiny):
    with receiving_posts() as posts:
        tiny.set("notify", webhook=posts.url("/hook"))
        posts.answers = [503]
        done = night(tiny)
        assert done.returncode == 30
        assert "could not be told by webhook: it answered 503" in done.stderr
        assert_quotes("undelivered", done.stderr)
        assert tiny.state()["undelivered"] == ["webhook: it answered 503 Service Unavailable: "]
        shown = setlist(tiny, "notify", "--workflow", "tiny").stdout
        assert "the last message was not delivered: webhook: it answered 503" in shown
        assert "CountPlays/2026-02-04 (since" in shown and "not told yet" in shown
        assert "told by webhook" in night(tiny).stderr
        assert tiny.state()["undelivered"] == [] and len(posts.taken) == 2


def test_a_place_for_runs_that_cannot_be_written_is_said_and_somebody_is_told(tiny):
    tiny.runs.parent.mkdir(parents=True)
    tiny.runs.write_text("a file where the folder of runs should be")
    with receiving_posts() as posts:
        tiny.set("notify", webhook=posts.url("/hook"))
        done = night(tiny)
        assert done.returncode not in (0, 20), done.stderr
        assert "the run's log cannot be written" in done.stderr
        assert len(posts.taken) == 1


def test_an_alarm_of_a_green_night_is_told_and_its_end_too(tiny):
    for day in ("2026-02-02", "2026-02-03", "2026-02-04"):
        tiny.log(day)
    tiny.log("2026-02-04", "a,30")
    with receiving_posts() as posts:
        tiny.set("notify", webhook=posts.url("/hook"))
        assert night(tiny).returncode == 0
        [hook] = posts.bodies("/hook")
        assert (hook["new"][0]["kind"], hook["new"][0]["subject"]) == ("volume", "plays")
        assert "1 plays in three days" in hook["text"] and "RUNBOOK.md#volume" in hook["text"]
        assert_quotes("volume", hook["text"])
        tiny.log("2026-02-04", "a,30", "b,30")
        assert night(tiny).returncode == 0
        assert posts.bodies("/hook")[1]["over"][0]["kind"] == "volume"


def test_settings_that_cannot_be_used_are_said_and_end_no_night(tiny):
    tiny.log("2026-02-04", "a,30")
    tiny.set("notify", mail_to="team@example.org")
    done = night(tiny)
    assert done.returncode == 0
    assert "nobody will be told how this run ends" in done.stderr
    assert "mail_from is not" in done.stderr
    assert setlist(tiny, "notify").returncode == 40


def test_a_task_that_an_engineer_runs_again_tells_nobody_and_has_a_log(tiny):
    with receiving_posts() as posts:
        tiny.set("notify", webhook=posts.url("/hook"))
        done = setlist(tiny, "run", "CountPlays", "--module", "tiny", "--day", "2026-02-04")
        assert done.returncode == 30 and posts.taken == []
        assert not (tiny.runs / "concerns.countplays.json").exists()
        assert_log_says_the_task(tiny, done.stdout)


def assert_log_says_the_task(tiny, printed):
    """Every line of a run's log says its task; the summary says where the log is."""
    path = tiny.home / next(line.split()[-1] for line in printed.splitlines()
                            if line.startswith("  log "))  # fmt: skip
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    said = [one for one in lines if one["task"] == "CountPlays/2026-02-04"]
    assert any("a play of -1 seconds" in one.get("traceback", "") for one in said)
    assert {one["level"] for one in lines} <= {"INFO", "WARNING", "ERROR"}


def test_a_test_message_shows_whether_the_settings_work(tiny):
    with receiving_mail() as mail, receiving_posts() as posts:
        tiny.set("notify", mail_to="team@example.org", mail_from="setlist@example.org",
                 smtp_host="127.0.0.1", smtp_port=mail.port, smtp_security="none",
                 webhook=posts.url("/hook"))
        done = setlist(tiny, "notify", "--test")
        assert done.returncode == 0, done.stderr
        assert "mail" in done.stdout and "webhook" in done.stdout
        assert mail.messages[0]["Subject"] == "Setlist: a test message"
        assert posts.bodies("/hook")[0]["test"] is True
        posts.answers = [404]
        done = setlist(tiny, "notify", "--test", "--json")
        assert done.returncode == 40 and "404" in json.loads(done.stdout)["problems"][0]


def test_a_mail_server_without_encryption_never_gets_the_password(tiny):
    with receiving_mail() as mail:
        tiny.set("notify", mail_to="team@example.org", mail_from="setlist@example.org",
                 smtp_host="127.0.0.1", smtp_port=mail.port, smtp_user=USER)
        done = setlist(tiny, "notify", "--test", SETLIST_SMTP_PASSWORD=PASSWORD)
        assert done.returncode == 40 and "STARTTLS" in done.stdout
        tiny.set("notify", smtp_security="none")
        done = setlist(tiny, "notify", "--test", SETLIST_SMTP_PASSWORD=PASSWORD)
        assert done.returncode == 40 and "would be sent in clear" in done.stderr
        assert mail.messages == []


def test_the_figures_of_the_last_night_are_there_for_prometheus(tiny):
    (tiny.home / "metrics").mkdir()
    tiny.set("metrics", textfile_folder="metrics")
    assert night(tiny).returncode == 30
    file = tiny.home / "metrics" / "setlist_tiny.prom"
    from prometheus_client.parser import text_string_to_metric_families

    def figures():
        return {(one.name, *(value for name, value in sorted(one.labels.items())
                             if name != "workflow")): one.value
                for family in text_string_to_metric_families(file.read_text())
                for one in family.samples}  # fmt: skip

    before = figures()
    assert before["setlist_run_exit_code",] == 30
    assert before["setlist_concerns_open", "failed"] == 1
    assert before["setlist_run_tasks", "built"] == 2
    assert before["setlist_run_last_success_timestamp_seconds",] == 0
    tiny.log("2026-02-04", "a,30")
    assert night(tiny).returncode == 0
    after = figures()
    assert after["setlist_run_exit_code",] == after["setlist_concerns_open", "failed"] == 0
    assert after["setlist_run_last_success_timestamp_seconds",] > 1.7e9
    assert [path.name for path in file.parent.iterdir()] == [file.name]
