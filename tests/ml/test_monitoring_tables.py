"""Freshness and volume: each table beside its own past, by weekday."""

import datetime as dt
import json

import numpy as np
import pytest

from ml.monitoring.tables import check_tables
from ml.report.monitoring import write

DAY = dt.date(2026, 2, 4)


def usual(day, dice):
    """About 10,000 rows, and half of it at weekends."""
    return round(10_000 * (0.5 if day.weekday() >= 5 else 1.0) * np.exp(dice.normal(0, 0.03)))


def days(folder, tonight=None, day=DAY, back=28, quarantined=1, seed=1):
    """Folders of ingested days; ``tonight`` is (rows, quarantined) of the last."""
    dice, found = np.random.default_rng(seed), []
    for one in range(back, -1, -1):
        when = day - dt.timedelta(one)
        rows, bad = usual(when, dice), quarantined
        if one == 0 and tonight is not None:
            rows, bad = tonight
        place = folder / f"{seed}-{when}"
        place.mkdir(parents=True, exist_ok=True)
        report = {"table": "listens", "day": str(when), "rows_in": rows, "rows_quarantined": bad}
        (place / "report.json").write_text(json.dumps(report))
        found.append(place)
    return found


def alarms(folders, day=DAY, **known):
    return check_tables(folders, day=day, **known)["alarms"]


def test_on_usual_days_there_is_no_alarm_weekends_included(tmp_path):
    found = [alarms(days(tmp_path, day=DAY + dt.timedelta(seed), seed=seed),
                    DAY + dt.timedelta(seed)) for seed in range(60)]  # fmt: skip
    assert sum(map(len, found)) <= 1


@pytest.mark.parametrize("rows, said", [
    (6_000, "60% of the"), (25_000, "2.5 times the"), (0, "without a single row"),
])  # fmt: skip
def test_a_day_with_far_fewer_or_more_rows_is_told(tmp_path, rows, said):
    [alarm] = alarms(days(tmp_path, tonight=(rows, 0)))
    assert (alarm["kind"], alarm["subject"]) == ("volume", "table listens")
    assert said in alarm["sentence"] and str(DAY) in alarm["sentence"]


def test_a_saturday_is_compared_with_saturdays(tmp_path):
    saturday = dt.date(2026, 2, 7)
    assert alarms(days(tmp_path, tonight=(5_000, 0), day=saturday), saturday) == []
    [alarm] = alarms(days(tmp_path, tonight=(10_000, 0), day=saturday), saturday)
    assert "(Saturday)" in alarm["sentence"]


def test_more_rows_set_aside_than_usual_are_told(tmp_path):
    assert alarms(days(tmp_path, tonight=(10_000, 4))) == []
    [alarm] = alarms(days(tmp_path, tonight=(10_000, 40)))
    assert alarm["subject"] == "table listens quarantine"
    assert "40 of 10,000 rows" in alarm["sentence"]


def test_a_table_that_has_not_come_is_told_with_the_age_of_the_newest(tmp_path):
    folders = days(tmp_path)[:-1]
    yesterday = str(DAY - dt.timedelta(1))
    found = check_tables(folders, day=DAY, absent=(("listens", str(DAY)),),
                         newest=(("listens", yesterday),))  # fmt: skip
    [alarm] = found["alarms"]
    assert alarm["kind"] == "freshness" and f"the newest is of {yesterday}" in alarm["sentence"]
    assert found["tables"][0]["age_days"] == 1


def test_with_little_past_only_an_empty_day_is_an_alarm(tmp_path):
    assert alarms(days(tmp_path, tonight=(10, 0), back=5)) == []
    assert len(alarms(days(tmp_path, tonight=(0, 0), back=5))) == 1


def test_a_family_with_nothing_live_is_green_and_the_page_says_so(tmp_path):
    found = check_tables(days(tmp_path), day=DAY, newest=(("listens", str(DAY)),))
    page = write(found, None, day=DAY, titles=(("ad_targeting", "Ad targeting"),))
    assert page.startswith("<!doctype html>") and "Nothing is unusual." in page
    assert "No model of this family was live on this day" in page
    assert 'src="http' not in page and 'href="http' not in page
