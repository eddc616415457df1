"""The runbook and the code say the same: each thing that can be wrong has its page."""

import re
import shutil
import subprocess

import pytest
import runbook
import yaml
from deployments import REPOSITORY

import ml.segments.frozen
import tasks.deployment
from ml.errors import SetlistDataError
from tasks.engine import errors
from workflows.cli import parser
from workflows.concerns import ALARMS, KINDS, concern


def below(kind):
    return [one for child in kind.__subclasses__() for one in (child, *below(child))]


@pytest.mark.parametrize("kind", [*KINDS, *ALARMS])
def test_every_kind_of_concern_has_a_page(kind):
    assert concern(kind, "", "").runbook in runbook.anchors()


@pytest.mark.parametrize(
    "family", errors.EngineError.__subclasses__(), ids=lambda family: family.__name__
)
def test_every_error_of_the_engine_is_explained_below_the_heading_of_its_family(family):
    if not family.__module__.startswith(("tasks.", "workflows.")):
        pytest.skip("an error of another test")
    page = runbook.section(family.__name__.lower())
    assert [one.__name__ for one in below(family) if f"`{one.__name__}`" not in page] == []


def test_every_error_about_data_is_explained():
    assert ml.segments.frozen.DefinitionsExpired and tasks.deployment.Misconfigured
    page = runbook.section("failed")
    missing = [one.__name__ for one in below(SetlistDataError) if f"`{one.__name__}`" not in page]
    assert missing in ([], ["ContractViolation"]), "its two kinds have names of their own"


def test_every_exit_code_has_a_page_and_both_tables_agree():
    operate = (REPOSITORY / "docs" / "operate.md").read_text()
    known = re.findall(r"^\| (\d+) \|", operate, flags=re.M)
    told = dict(re.findall(r"^\| (\d+) \| (.*) \|$", runbook.section("exit-codes"), flags=re.M))
    assert list(told) == known and {"0", "10", "20", "25", "30", "35", "40", "124"} < set(told)
    for text in told.values():
        assert set(re.findall(r"\(#([a-z-]+)\)", text)) <= set(runbook.anchors())


def test_every_alert_of_prometheus_has_a_page():
    rules = (REPOSITORY / "deploy" / "prometheus" / "alerts.yml").read_text()
    [group] = yaml.safe_load(rules)["groups"]
    assert all(one["expr"] and one["annotations"]["summary"] for one in group["rules"])
    pages = re.findall(r"runbook: deploy/RUNBOOK.md#([a-z-]+)", rules)
    assert len(pages) == rules.count("- alert:") > 3 and set(pages) <= set(runbook.anchors())
    known = set(re.findall(r'made\.put\("(\w+)"',
                           (REPOSITORY / "workflows" / "metrics.py").read_text()))  # fmt: skip
    assert set(re.findall(r"setlist_(\w+)", rules)) <= known


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool comes with Prometheus")
def test_prometheus_raises_each_alert_for_the_figures_it_is_for():
    done = subprocess.run(["promtool", "test", "rules", "alerts_test.yml"], capture_output=True,
                          text=True, cwd=REPOSITORY / "deploy" / "prometheus")  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_own_test_has_every_alert():
    folder = REPOSITORY / "deploy" / "prometheus"
    rules, shown = ((folder / name).read_text() for name in ("alerts.yml", "alerts_test.yml"))
    names = set(re.findall(r"- alert: (\w+)", rules))
    assert names == set(re.findall(r"- alertname: (\w+)", shown))


def test_every_command_can_be_typed():
    for block in runbook.blocks("sh"):
        done = subprocess.run(["sh", "-n"], input=block, text=True, capture_output=True)
        assert done.returncode == 0, done.stderr
        for line in re.findall(r"^setlist (.*)$", block, flags=re.M):
            parser().parse_known_args(line.split())
        for script in re.findall(r"(?:^|/)(deploy/\S+\.sh)", block, flags=re.M):
            assert (REPOSITORY / script).exists()


@pytest.mark.long
def test_every_command_of_ours_does_what_it_says_on_a_night_that_ran(night, tmp_path):
    """But for runs, which test_cron_line.py has."""
    place = night.copied_to(tmp_path / "home")
    commands = {line for block in runbook.blocks("sh")
                for line in re.findall(r"^setlist (?!run )(.*)$", block, flags=re.M)}  # fmt: skip
    assert len(commands) > 6
    for command in sorted(commands):
        done = place.python("-m", "workflows.cli", *command.replace("2026-02-04", str(night.day))
                            .replace("ad_targeting", "user_segmentation").split())  # fmt: skip
        assert done.returncode == (40 if command == "notify --test" else 0), command + done.stderr
        assert done.stdout
