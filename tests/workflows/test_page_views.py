"""What the page makes of records: late nights, runs that died, what is red. Pure functions."""

import datetime as dt

import networkx
import pytest

from tasks.engine import codec
from tasks.engine.ledger import Begin, End, Run
from tasks.engine.manifest import Manifest, digest_of_payload
from tasks.engine.nights import nights
from tasks.engine.payload import payload_of
from tasks.engine.runs import Outcome
from tasks.engine.settings import Settings
from tasks.engine.workshop import Workshop
from workflows.page import series
from workflows.page.app import create_app
from workflows.page.glance import calendar
from workflows.page.lineage import Lineage, Member
from workflows.page.lineage_drawing import draw
from workflows.page.runbook import read_runbook
from workflows.page.series import Point
from workflows.page.settings import read_page_settings
from workflows.page.trouble import alarms_in, troubles


class Nothing:
    """A store in which nothing is."""

    def newest(self, task, label):
        return None


def run(day, plan=None, outcomes=(), code=0, ended=True, missing=(), error=""):
    begin = Begin("Nightly", {"day": day}, "setlist run nightly", "here", 7, f"{day}T04:15:00",
                  plan or {}, list(missing))  # fmt: skip
    end = End(f"{day}T05:00:00", code, 2700.0, error=error) if ended else None
    return Run(f"{day.replace('-', '')}T041500-7-abcd", begin, list(outcomes), end)


def outcome(task, what="built", day="2026-01-05", **more):
    return Outcome("id", task, f"x.{day}", "k", what, at=day, parameters={"day": day}, **more)


def signs(runs, newest=None):
    return {row.day: {stage: one.state for stage, one in row.by_stage.items()}
            for row in calendar(nights(runs), newest)}  # fmt: skip


def red(*runs):
    return [(one.what, one.runbook) for one in troubles(Nothing(), nights(runs)[0], [])
            if one.color == "red"]  # fmt: skip


def test_the_most_pressing_state_of_a_stage_is_what_its_cell_shows():
    built, failed = outcome("TrainModel"), outcome("CalibrateModel", "failed", message="no")
    refused = outcome("DecideModel", notes={"verdict": "refused"})
    found = signs([run("2026-01-05", outcomes=[built, failed, refused])])
    assert found == {"2026-01-05": {"Model": "failed", "Decision": "refused"}}


def test_days_on_which_nothing_ran_are_late_also_those_the_source_has_reached_since():
    found = signs([run("2026-01-05"), run("2026-01-03")], dt.date(2026, 1, 6))
    assert list(found) == ["2026-01-06", "2026-01-05", "2026-01-04", "2026-01-03"]
    rows = calendar(nights([run("2026-01-05"), run("2026-01-03")]), dt.date(2026, 1, 6))
    assert [row.night is None for row in rows] == [True, False, True, False]


def test_what_waits_for_a_source_is_late_and_the_source_is_named():
    waiting = {"waiting": {"TrainModel": ["x.2026-01-05"]}}
    late = run("2026-01-05", waiting, code=20, missing=["listens of 2026-01-04 is not there"])
    assert signs([late]) == {"2026-01-05": {"Model": "late"}}
    assert red(late) == [("A source is missing", "source-missing")]


def test_a_source_that_came_by_the_next_run_is_missing_no_more():
    waiting = {"waiting": {"TrainModel": ["x.2026-01-05"]}}
    late = run("2026-01-05", waiting, code=20, missing=["listens is not there"])
    caught_up = Run("20260106T041500-7-abcd", run("2026-01-05").begin,
                    [outcome("TrainModel")], late.end)  # fmt: skip
    assert red(late, caught_up) == []
    assert signs([late, caught_up]) == {"2026-01-05": {"Model": "built"}}


def test_a_run_that_died_is_red_and_what_it_left_undone_is_too():
    due = {"due": {"TrainModel": ["x.2026-01-05"], "WriteReport": ["x.2026-01-05"]}}
    died = run("2026-01-05", due, [outcome("TrainModel")], ended=False)
    assert red(died) == [("The last run died", "killed"), ("1 task had no turn", "not-run")]


def test_a_failure_that_was_mended_is_not_red():
    failed = run("2026-01-05", outcomes=[outcome("TrainModel", "failed", message="no")], code=30)
    mended = Run("20260105T120000-7-abcd", failed.begin, [outcome("TrainModel")],
                 End("2026-01-05T13:00:00", 0, 5.0))  # fmt: skip
    assert red(failed) == [("A task failed", "failed")] and red(failed, mended) == []


def test_an_error_leads_to_its_own_heading_of_the_runbook_where_there_is_one():
    failed = run("2026-01-05", outcomes=[
        outcome("TrainModel", "failed", message="no", error="IsolatedFailure")])
    for headings, leads in (({"failed", "isolatedfailure"}, "isolatedfailure"), ((), "failed")):
        [found] = troubles(Nothing(), nights([failed])[0], [], headings)
        assert found.runbook == leads


def test_alarms_are_found_in_a_value_and_in_its_files():
    alarm = {"kind": "drift", "subject": "x", "sentence": "it moved", "runbook": "drift"}
    assert alarms_in({"alarms": [alarm]}) == alarms_in({"drift.json": {"alarms": [alarm]}}) == [
        alarm]
    assert alarms_in({"rows": 3}) == alarms_in([alarm]) == alarms_in(None) == []


def test_a_drawing_leads_to_artifacts_and_lists_and_escapes_what_it_is_given():
    graph = networkx.DiGraph([(("Tree", ""), ("Leaf", "")), (("Leaf", ""), ("Soil<b>", ""))])
    members = {("Tree", ""): [Member("big", ("Tree", "big", "k1"))],
               ("Leaf", ""): [Member(str(one), ("Leaf", str(one), "k")) for one in range(3)],
               ("Soil<b>", ""): [Member("5f", None)]}
    drawn = draw(Lineage(("Tree", ""), graph, members))
    assert 'href="/artifact/Tree/big/k1"' in drawn and 'href="#Leaf"' in drawn
    assert "3 of them" in drawn and "Soil&lt;b&gt;" in drawn and "<b>" not in drawn


@pytest.mark.parametrize("values", [[3.0], [0.0, 0.0], [1.0, 1.0, 1.0], [0.9, 5e6], [-1, 1e-9]])
def test_any_figures_can_be_drawn(values):
    points = [Point(f"2026-01-{at + 1:02d}", one) for at, one in enumerate(values)]
    drawn = series.series(points, "says <this>")
    assert drawn.count("<circle") == len(values) and "says &lt;this&gt;" in drawn
    assert "nan" not in drawn and "inf" not in drawn


def test_headings_of_the_runbook_are_where_links_lead_and_nothing_in_it_is_markup(tmp_path):
    place = tmp_path / "RUNBOOK.md"
    place.write_text("# Runbook\n\n## Source missing\n\n```sh\n# no heading\n```\n\n## A (30)\n"
                     "See [it](#a-30), [there](../docs/x.md). <script>alert(1)</script>\n\n"
                     "| a | b |\n|---|---|\n| 1 | [x](javascript:alert(1)) |\n")  # fmt: skip
    found = read_runbook(place)
    assert [one.anchor for one in found.headings] == ["runbook", "source-missing", "a-30"]
    assert '<h2 id="a-30">' in found.body and "# no heading" in found.body
    assert '<a href="#a-30">' in found.body and "docs/x.md\"" in found.body
    assert 'href="..' not in found.body and "<td>1</td>" in found.body
    assert "<script" not in found.body and 'href="javascript' not in found.body
    assert read_runbook(tmp_path / "none.md").headings == []


def test_a_page_for_other_machines_must_be_asked_for_and_answers_to_its_names():
    assert read_page_settings().address == "127.0.0.1"
    assert "localhost" in read_page_settings().answers_to
    assert read_page_settings("0.0.0.0", 80).answers_to == ()


def test_a_store_in_which_nothing_is_has_every_page_and_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shop = Workshop(Settings(address=str(tmp_path / "store")))
    client = create_app(shop, read_page_settings()).test_client()
    for path in ("/", "/champions", "/drift", "/runbook"):
        assert client.get(path).status_code == 200, path
    assert "No night yet" in client.get("/").text
    assert "no runbook at <code>deploy/RUNBOOK.md</code>" in client.get("/runbook").text
    assert client.get("/night/2026-01-05").status_code == 404
    assert not (tmp_path / "store").exists(), "a page that only reads makes nothing"


def made(shop, task, label, value):
    """Commit an artifact as a build would."""
    with shop.store.staging() as stage:
        kind, payload = codec.write(value, stage), payload_of(stage)
        shop.store.commit(stage, Manifest(
            task, label, "0" * 32, parameters={}, function="f", values={}, code={}, libraries={},
            inputs={}, payload=payload, codec=kind, digest=digest_of_payload(payload), rows=None,
            reasons=[], previous=None, created="2026-01-05T05:00:00", seconds=1.0,
            peak_memory_bytes=None, host="here"))


def test_what_watching_tasks_found_is_on_the_page_once_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shop = Workshop(Settings(address=str(tmp_path / "store")))
    alarm = {"kind": "drift", "subject": "ad_targeting feature evening_share",
             "sentence": "it moved by <0.31>", "runbook": "drift"}
    made(shop, "MeasureDrift", "x.2026-01-05", {"alarms": [alarm]})
    made(shop, "WriteMonitoring", "2026-01-05",
         {"monitoring.json": {"alarms": [alarm]}, "page.html": "<!doctype html><p>watched"})
    outcomes = [outcome("MeasureDrift"), Outcome("id", "WriteMonitoring", "2026-01-05", "0" * 32,
                                                 "built", parameters={"day": "2026-01-05"})]
    done = run("2026-01-05", outcomes=outcomes)
    shop.log.append({"begin": vars(done.begin)}, done.name)
    for one in outcomes:
        shop.log.append(vars(one), done.name)
    shop.log.append({"end": vars(done.end)}, done.name)
    client = create_app(shop, read_page_settings()).test_client()
    for path in ("/", "/night/2026-01-05", "/drift"):
        text = client.get(path).text
        assert text.count("drift: ad_targeting feature evening_share") == 1, path
        assert "it moved by &lt;0.31&gt;" in text and "/runbook#drift" in text
    page = f"/artifact/WriteMonitoring/2026-01-05/{'0' * 32}/page.html"
    assert page in client.get("/drift").text
    assert client.get(page).text == "<!doctype html><p>watched"
