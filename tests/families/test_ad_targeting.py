"""Ad targeting on a small listening world, beyond what every family keeps."""

import datetime as dt

import pandas as pd
import pytest

from ml.families.ad_targeting import AD_TARGETING, candidates, examples, summarise
from ml.features.ad_opportunities import MOST_CAMPAIGNS, seen_listeners
from ml.world import World, generate_day

WORLD = World(listeners=200, artists=200)
DAYS = [WORLD.first_day + dt.timedelta(days=number) for number in range(5)]
DAY = DAYS[-2]
NOON = pd.Timestamp(DAY) + pd.Timedelta(hours=16)
SNAPSHOTS = ("listeners", "consent")


@pytest.fixture(scope="module")
def world() -> dict[dt.date, dict[str, pd.DataFrame]]:
    return {
        day: {name.split(".")[0]: table for name, table in generate_day(WORLD, day).items()}
        for day in DAYS
    }


def past(world, until=DAY, **absent):
    """The summaries of the days before ``until``."""
    names = ("listens", "impressions", "outcomes", "tracks")
    return [
        summarise(day=day, **({name: world[day][name] for name in names} | absent))
        for day in DAYS
        if day < until
    ]


def pooled(history: list[dict]) -> list[dict]:
    return [AD_TARGETING.pool([day]) for day in history]


def tonight(world, **changed):
    """What the examples of DAY are made of."""
    read = {name: world[DAY][name] for name in ("listens", "impressions", *SNAPSHOTS)}
    later = [world[day]["outcomes"] for day in DAYS if day >= DAY]
    history = past(world)
    known = {"history": history, "pooled": pooled(history)}
    return {"day": DAY, **read, "outcomes": later, **known} | changed


def test_only_free_listeners_who_consented_are_in_the_examples(world):
    built = examples(**tonight(world))
    consent, account = world[DAY]["consent"], world[DAY]["listeners"]
    agreed = set(consent.loc[consent["personalised_ads"], "listener"])
    assert set(built["listener"]) <= agreed
    assert set(built["listener"]).isdisjoint(account.loc[account["tier"] == "paid", "listener"])


def test_a_listener_never_heard_of_before_gets_the_rates_of_all(world):
    impressions = world[DAY]["impressions"].head(1).assign(listener="nobody")
    built = examples(**tonight(world, impressions=impressions, listeners=None, consent=None))
    assert built["is_new_listener"].tolist() == [1.0]
    assert built["listener_newness"].tolist() == ["new"]
    assert built["listener_impressions_28d"].tolist() == [0.0]


def test_the_first_day_of_all_has_examples_without_a_past(world):
    built = examples(**tonight(world, history=[], pooled=[]))
    assert built[["ad_rate_28d", "listener_rate_28d", "is_new_listener"]].isna().all(axis=None)
    assert set(built["listener_newness"]) == {"unknown"}


def test_without_optional_tables_their_features_are_missing_and_the_rest_is_there(world):
    history = past(world, listens=None, tracks=None)
    absent = dict.fromkeys(("listens", *SNAPSHOTS))
    degraded = tonight(world, **absent, history=history, pooled=pooled(history))
    built = examples(**degraded)
    assert len(built) == len(world[DAY]["impressions"])
    assert built[["plays_28d", "plays_today", "tenure_days"]].isna().all(axis=None)
    assert built["ad_rate_28d"].notna().all()
    assert set(built["country"]) == set(built["age_band"]) == {"unknown"}


def test_what_a_source_brings_of_its_own_becomes_a_feature(world):
    impressions = world[DAY]["impressions"].assign(attr_network=4, attr_ad_size=2)
    built = examples(**tonight(world, impressions=impressions))
    assert set(built["attr_network"]) == {4} and set(built["attr_ad_size"]) == {2}


def test_candidates_are_recent_consenting_listeners_times_running_campaigns(world):
    history = past(world, DAYS[-1])
    tables = {name: world[DAY][name] for name in (*SNAPSHOTS, "campaigns")}
    scored = candidates(day=DAY, history=history, pooled=pooled(history), **tables)
    consent, running = tables["consent"], tables["campaigns"]
    agreed = set(consent.loc[consent["personalised_ads"], "listener"])
    assert set(scored["listener"]) <= agreed & set(seen_listeners(history, DAYS[-1]))
    assert scored["campaign"].nunique() <= MOST_CAMPAIGNS
    assert set(scored["campaign"]) <= set(running.loc[running["ends"] > NOON, "campaign"])
    assert not scored.duplicated(["listener", "campaign"]).any()
    assert (scored["moment"].dt.date == DAYS[-1]).all()


def test_those_seen_last_come_first_and_nobody_unseen_for_a_week(world):
    history = past(world, DAYS[-1])
    seen = seen_listeners(history, DAYS[-1])
    yesterday = {*world[DAY]["impressions"]["listener"], *world[DAY]["listens"]["listener"]}
    assert set(seen[: len(yesterday)]) == yesterday and len(seen) > len(yesterday)
    assert seen_listeners(history, DAYS[-1] + dt.timedelta(days=7)).empty


def test_without_a_table_of_campaigns_those_shown_last_week_are_scored(world):
    history = past(world, DAYS[-1])
    scored = candidates(day=DAY, history=history, pooled=pooled(history))
    shown = pd.concat([world[day]["impressions"]["campaign"] for day in DAYS[:-1]])
    assert set(scored["campaign"]) <= set(shown)
