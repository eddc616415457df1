"""Whether answers arrived: what is surely broken is named, and what may be chance is not."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from ml.family import Gate
from ml.gates import pass_gate
from ml.label_health import FALSE_ALARM, label_health

FIRST = dt.date(2026, 3, 2)
CAMPAIGNS = ("c0", "c1", "c2", "c3")


def day(number, rate=0.05, rows=2000, seed=0, **clicked):
    """Examples of one day; ``c1=0.0`` is the share of campaign c1's impressions answered."""
    dice = np.random.default_rng(100 * seed + number)
    campaign = dice.choice(CAMPAIGNS, rows)
    rates = pd.Series(campaign).map(clicked).fillna(rate)
    return pd.DataFrame(
        {
            "moment": pd.Timestamp(FIRST) + pd.Timedelta(days=number, hours=9),
            "campaign": campaign,
            "slot": dice.choice(["pre", "mid"], rows),
            "label": (dice.random(rows) < rates).astype("int64"),
        }
    )


TRAIN = [day(number) for number in range(5)]


def health(train=TRAIN, stop=None, test=None, champion=None, impressions=(), outcomes=()):
    stop, test = day(5) if stop is None else stop, day(6) if test is None else test
    return label_health(
        train, [stop], [test], list(impressions), list(outcomes), champion,
        family_name="ads", night=FIRST + dt.timedelta(7), kinds=("click",),
    )  # fmt: skip


def sentence(found):
    gate = Gate("answers arrived", "label_rate", on="labels")
    answer = pass_gate(gate, found, None)
    assert answer["passed"] is not bool(found["labels.json"]["findings"])
    return answer["sentence"]


def test_every_day_has_its_rate_and_an_interval_that_holds_it():
    days = health()["labels.json"]["days"]
    assert [one["part"] for one in days] == ["stop", "test"] + ["train"] * 5
    assert all(one["low"] < one["rate"] < one["high"] for one in days)


def test_healthy_labels_are_refused_less_often_than_promised():
    """Also when rates wander by half from day to day, as they do."""
    nights = range(60)
    wander = np.random.default_rng(3).uniform(0.66, 1.5, len(nights))
    broken = sum(
        bool(health(stop=day(5, seed=night), test=day(6, 0.05 * wander[night], seed=night))
             ["labels.json"]["findings"])
        for night in nights
    )  # fmt: skip
    assert broken <= max(1, FALSE_ALARM * len(nights))


@pytest.mark.parametrize(
    "test, said",
    [
        (day(6, 0.0), "On 2026-03-08 none of 2,000 impressions was answered, where about 1"),
        (day(6, 1.0), "On 2026-03-08 every one of 2,000 impressions was answered"),
        (day(6, c2=0.0), "On 2026-03-08 campaign c2, none of"),
        (day(6, c2=1.0), "On 2026-03-08 campaign c2, every one of"),
    ],
    ids=["all zero", "all one", "a campaign's pixel is silent", "a campaign's pixel always fires"],
)
def test_what_collapsed_is_named_with_its_counts(test, said):
    told = sentence(health(test=test))
    assert said in told and "chance of that is" in told and "run the night again" in told


def test_a_collapse_on_the_stop_day_or_among_the_days_learnt_from_is_found():
    assert "On 2026-03-07 none of" in sentence(health(stop=day(5, 0.0)))
    train = [*TRAIN[:2], day(2, 0.0), *TRAIN[3:]]
    found = health(train)["labels.json"]["findings"]
    assert [(one["part"], one["day"]) for one in found] == [("train", "2026-03-04")]


def test_when_every_day_collapsed_the_champions_own_base_rate_tells():
    silent = [day(number, 0.0) for number in range(7)]
    champion = {"card.json": {"base_rate": 0.05, "rows": 9000}}
    told = sentence(health(silent[:5], silent[5], silent[6], champion))
    assert "From 2026-03-02 to 2026-03-06 none of 10,000" in told


def test_a_campaign_silent_from_its_first_day_is_compared_with_everybody():
    never = [day(number, 0.1, 20_000, c2=0.0) for number in range(7)]
    found = health(never[:5], never[5], never[6])["labels.json"]["findings"]
    assert {(one["value"], one["room"]) for one in found} == {("c2", 20.0)}


def test_answers_that_stopped_on_a_day_whose_labels_are_not_mature_are_missed_already():
    shown = day(7).rename(columns={"moment": "at"}).assign(listener="l", kind="click")
    shown["impression"] = [f"i{row}" for row in range(len(shown))]
    answered = shown[shown["label"] == 1]
    assert health(impressions=[shown], outcomes=[answered])["labels.json"]["findings"] == []
    told = sentence(health(impressions=[shown], outcomes=[answered[:0]]))
    assert "On 2026-03-09 none of 2,000 impressions was answered" in told


def test_labels_that_are_absent_are_not_zero():
    unlabelled = day(6).assign(label=pd.Series(pd.NA, index=range(2000), dtype="Int64"))
    told = sentence(health(test=unlabelled))
    assert "On 2026-03-08 2,000 impressions have no label at all" in told
    assert "Have the labels sent" in told


def test_a_small_night_without_a_past_is_not_called_broken():
    assert health([day(4, rows=20)], day(5, rows=20), day(6, 0.0, rows=20))["labels.json"] | {
        "days": []
    } == {"family": "ads", "day": "2026-03-09", "days": [], "tested": 0,
          "false_alarm": FALSE_ALARM, "findings": []}  # fmt: skip
