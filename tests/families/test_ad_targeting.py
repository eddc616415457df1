"""Ad targeting on small listening worlds: nothing from the future, nobody without consent."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from futures import deleted, doubled, shuffled
from pandas.testing import assert_frame_equal

from ml.families import FAMILIES
from ml.families.ad_targeting import AD_TARGETING, candidates, examples, summarise
from ml.features.ad_features import FEATURES
from ml.features.ad_opportunities import MOST_CAMPAIGNS, opportunities, seen_listeners
from ml.privacy import sensitive
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


def past(world, shard=None, until=DAY, **absent):
    """The summaries of the days before ``until``, of the listeners in ``shard``."""
    history = []
    for day in (day for day in DAYS if day < until):
        read = {
            name: of(world[day][name], shard) for name in ("listens", "impressions", "outcomes")
        }
        read |= {"tracks": world[day]["tracks"]} | absent
        history.append(summarise(day=day, **read))
    return history


def of(table: pd.DataFrame, shard: tuple[int, int] | None) -> pd.DataFrame:
    """The rows of one of several shards of listeners; all without ``shard``."""
    if shard is None:
        return table
    number, shards = shard
    return table[table["listener"].str[-3:].astype(int) % shards == number].reset_index(drop=True)


def pooled(histories: list[list[dict]]) -> list[dict]:
    return [AD_TARGETING.pool(list(day)) for day in zip(*histories, strict=True)]


def tonight(world, shard=None, **changed):
    """What the examples of DAY are made of: one shard, or all listeners."""
    read = {name: of(world[DAY][name], shard) for name in ("listens", "impressions")}
    later = [of(world[day]["outcomes"], shard) for day in DAYS if day >= DAY]
    snapshots = {name: world[DAY][name] for name in SNAPSHOTS}
    history = past(world, shard)
    sources = {"history": history, "pooled": pooled([history])}
    return {"day": DAY, **read, "outcomes": later, **snapshots, **sources} | changed


def known_before(built: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
    rows = built[built["moment"] < moment].reset_index(drop=True)
    return rows[["listener", "impression", "moment", *FEATURES]]


@pytest.mark.parametrize("future", [deleted, shuffled, doubled])
def test_what_happens_later_changes_no_feature_of_what_was_before(world, future):
    before = known_before(examples(**tonight(world)), NOON)
    changed = {name: future(world[DAY][name], NOON) for name in ("listens", "impressions")}
    outcomes = [future(world[day]["outcomes"], NOON) for day in DAYS if day >= DAY]
    after = known_before(examples(**tonight(world, **changed, outcomes=outcomes)), NOON)
    assert len(before) > 50
    assert_frame_equal(before, after)


def test_how_long_a_play_in_progress_will_be_is_not_known(world):
    listens = world[DAY]["listens"]
    ends = listens["at"] + pd.to_timedelta(listens["ms_played"], unit="ms")
    playing = (listens["at"] < NOON) & (ends >= NOON)
    assert playing.any()
    longer = listens.assign(ms_played=listens["ms_played"].where(~playing, 86_400_000))
    before = known_before(examples(**tonight(world)), NOON)
    assert_frame_equal(before, known_before(examples(**tonight(world, listens=longer)), NOON))


def test_summaries_of_the_same_day_and_later_are_not_read(world):
    history = past(world, until=DAYS[-1])
    more = tonight(world, history=history, pooled=pooled([history]))
    assert_frame_equal(examples(**tonight(world)), examples(**more))


def test_the_order_of_rows_does_not_matter(world):
    mixed = {
        name: world[DAY][name].sample(frac=1.0, random_state=3)
        for name in ("listens", "impressions", "listeners", "consent")
    }
    assert_frame_equal(examples(**tonight(world)), examples(**tonight(world, **mixed)))


def test_four_shards_give_the_same_examples_as_one(world):
    shards = [(number, 4) for number in range(4)]
    histories = [past(world, shard) for shard in shards]
    everybody = pooled(histories)
    parts = [
        examples(**tonight(world, shard, history=history, pooled=everybody))
        for shard, history in zip(shards, histories, strict=True)
    ]
    together = pd.concat(parts).sort_values(["moment", "listener", "impression"], kind="stable")
    assert_frame_equal(examples(**tonight(world)), together.reset_index(drop=True))


def test_only_free_listeners_who_consented_are_in_the_examples(world):
    built = examples(**tonight(world))
    consent, account = world[DAY]["consent"], world[DAY]["listeners"]
    agreed = set(consent.loc[consent["personalised_ads"], "listener"])
    assert set(built["listener"]) <= agreed
    assert set(built["listener"]).isdisjoint(account.loc[account["tier"] == "paid", "listener"])


def test_withdrawing_consent_removes_a_listener_and_changes_nobody_else(world):
    before = examples(**tonight(world))
    gone = before["listener"].iloc[0]
    consent = world[DAY]["consent"]
    withdrawn = consent.assign(
        personalised_ads=consent["personalised_ads"] & (consent["listener"] != gone)
    )
    after = examples(**tonight(world, consent=withdrawn))
    rest = before[before["listener"] != gone].reset_index(drop=True)
    assert_frame_equal(after, rest)


def test_a_listener_never_heard_of_before_gets_the_rates_of_all(world):
    impressions = world[DAY]["impressions"].head(1).assign(listener="nobody")
    built = examples(**tonight(world, impressions=impressions, listeners=None, consent=None))
    assert built["is_new_listener"].tolist() == [1.0]
    assert built["listener_newness"].tolist() == ["new"]
    assert built["listener_impressions_28d"].tolist() == [0.0]


def test_an_empty_day_flows_through(world):
    nothing = {name: world[DAY][name][:0] for name in ("listens", "impressions", "outcomes")}
    empty = summarise(day=DAY, **nothing)
    assert all(frame.empty for frame in empty.values())
    changed = nothing | {"outcomes": [nothing["outcomes"]] * 2, "history": [empty]}
    built = examples(**tonight(world, **changed, pooled=[AD_TARGETING.pool([empty])]))
    assert built.empty
    full = examples(**tonight(world))
    assert_frame_equal(built, full[:0], check_index_type=False)
    assert candidates(day=DAY, history=[empty], pooled=[AD_TARGETING.pool([empty])]).empty


def test_the_first_day_of_all_has_examples_without_a_past(world):
    built = examples(**tonight(world, history=[], pooled=[]))
    assert built[["ad_rate_28d", "listener_rate_28d", "is_new_listener"]].isna().all(axis=None)
    assert set(built["listener_newness"]) == {"unknown"}


def test_without_optional_tables_their_features_are_missing_and_the_rest_is_there(world):
    history = past(world, listens=None, tracks=None)
    absent = dict.fromkeys(("listens", *SNAPSHOTS))
    degraded = tonight(world, **absent, history=history, pooled=pooled([history]))
    built = examples(**degraded)
    assert len(built) == len(world[DAY]["impressions"])
    assert built[["plays_28d", "plays_today", "tenure_days"]].isna().all(axis=None)
    assert built["ad_rate_28d"].notna().all()
    assert set(built["country"]) == set(built["age_band"]) == {"unknown"}


def test_every_declared_feature_and_slice_is_a_column_and_none_is_sensitive(world):
    built = examples(**tonight(world))
    assert set(AD_TARGETING.model.features) | set(AD_TARGETING.slices) <= set(built.columns)
    assert sensitive(AD_TARGETING.model.features) == []
    assert sensitive(AD_TARGETING.slices) == ["age_band", "gender"]
    assert FAMILIES["ad_targeting"] is AD_TARGETING


def test_what_a_source_brings_of_its_own_becomes_a_feature(world):
    impressions = world[DAY]["impressions"].assign(attr_network=4, attr_ad_size=2)
    built = examples(**tonight(world, impressions=impressions))
    assert set(built["attr_network"]) == {4} and set(built["attr_ad_size"]) == {2}


def test_a_candidate_has_the_features_an_impression_at_its_moment_would_have(world):
    history = past(world, until=DAYS[-1])
    snapshots = {name: world[DAY][name] for name in SNAPSHOTS}
    read = {"history": history, "pooled": pooled([history])} | snapshots
    running = world[DAY]["campaigns"]
    scored = candidates(day=DAY, campaigns=running, **read)
    names = pd.Series(scored["listener"].unique())
    rows = opportunities(names, history, read["pooled"], running, DAYS[-1])
    served = examples(day=DAYS[-1], impressions=rows, outcomes=[], **read)
    served = served.sort_values(["listener", "campaign"], kind="stable", ignore_index=True)
    today = ["plays_today", "skips_today"]
    assert_frame_equal(
        scored[list(FEATURES)].drop(columns=today), served[list(FEATURES)].drop(columns=today)
    )


def test_candidates_are_recent_consenting_listeners_times_running_campaigns(world):
    history = past(world, until=DAYS[-1])
    tables = {name: world[DAY][name] for name in (*SNAPSHOTS, "campaigns")}
    scored = candidates(day=DAY, history=history, pooled=pooled([history]), **tables)
    consent, running = tables["consent"], tables["campaigns"]
    agreed = set(consent.loc[consent["personalised_ads"], "listener"])
    assert set(scored["listener"]) <= agreed & set(seen_listeners(history, DAYS[-1]))
    assert scored["campaign"].nunique() <= MOST_CAMPAIGNS
    assert set(scored["campaign"]) <= set(running.loc[running["ends"] > NOON, "campaign"])
    assert not scored.duplicated(["listener", "campaign"]).any()
    assert (scored["moment"].dt.date == DAYS[-1]).all()


def test_those_seen_last_come_first_and_nobody_unseen_for_a_week(world):
    history = past(world, until=DAYS[-1])
    seen = seen_listeners(history, DAYS[-1])
    yesterday = {*world[DAY]["impressions"]["listener"], *world[DAY]["listens"]["listener"]}
    assert set(seen[: len(yesterday)]) == yesterday and len(seen) > len(yesterday)
    assert seen_listeners(history, DAYS[-1] + dt.timedelta(days=7)).empty


def test_without_a_table_of_campaigns_those_shown_last_week_are_scored(world):
    history = past(world, until=DAYS[-1])
    scored = candidates(day=DAY, history=history, pooled=pooled([history]))
    shown = pd.concat([world[day]["impressions"]["campaign"] for day in DAYS[:-1]])
    assert set(scored["campaign"]) <= set(shown)


def test_four_shards_give_the_same_candidates_as_one(world):
    shards = [(number, 4) for number in range(4)]
    histories = [past(world, shard, until=DAYS[-1]) for shard in shards]
    everybody = pooled(histories)
    parts = [candidates(day=DAY, history=history, pooled=everybody) for history in histories]
    together = pd.concat(parts).sort_values(["listener", "campaign"], kind="stable")
    whole = past(world, until=DAYS[-1])
    one = candidates(day=DAY, history=whole, pooled=everybody)
    assert_frame_equal(one, together.reset_index(drop=True))


def test_the_same_inputs_give_the_same_summary_whatever_the_order_of_rows(world):
    read = {name: world[DAY][name] for name in ("listens", "impressions", "outcomes", "tracks")}
    mixed = {name: table.sample(frac=1.0, random_state=5) for name, table in read.items()}
    for name, partial in summarise(day=DAY, **read).items():
        assert_frame_equal(partial, summarise(day=DAY, **mixed)[name])
        assert "day" in partial and isinstance(partial.index, pd.RangeIndex), name
        assert not np.any([dtype == "float64" for dtype in partial.dtypes]), name
