"""The listening world: the same every time, and true to what was planted."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from ml.ingest import ingest
from ml.privacy import PseudonymKey
from ml.sources import SOURCES
from ml.tables import TABLES
from ml.world import World, generate_day, true_alternatives, true_probabilities, truth
from ml.world.adverts import FORMATS
from ml.world.chance import normal, unit
from ml.world.exposures import EXPLORED

SMALL = World(listeners=300, artists=200)
FIRST = SMALL.first_day


def days(world: World, first: int, count: int, table: str) -> pd.DataFrame:
    made = [generate_day(world, world.first_day + dt.timedelta(first + each))[f"{table}.parquet"]
            for each in range(count)]  # fmt: skip
    return pd.concat(made, ignore_index=True)


def test_a_day_is_the_same_whenever_it_is_made(tmp_path):
    def written(name: str) -> dict[str, bytes]:
        made = generate_day(SMALL, FIRST + dt.timedelta(9))
        for file, frame in made.items():
            frame.to_parquet(tmp_path / file)
        return {file: (tmp_path / file).read_bytes() for file in made}

    assert written("once") == written("again")


def test_another_seed_is_another_world():
    other = World(listeners=300, artists=200, seed=8)
    mine, theirs = (generate_day(world, FIRST)["listens.parquet"] for world in (SMALL, other))
    assert not mine.equals(theirs)


@pytest.mark.parametrize("table", SOURCES["world"].tables)
def test_every_table_of_a_day_keeps_its_contract(tmp_path, table):
    day = FIRST + dt.timedelta(3)
    for name, frame in generate_day(SMALL, day).items():
        frame.to_parquet(tmp_path / name)
    found = ingest(tmp_path, read=SOURCES["world"].read, table=TABLES[table], day=day,
                   key=PseudonymKey(b"a secret of many bytes"), shards=2, tolerance=0.0,
                   source_name="world")  # fmt: skip
    assert found["report.json"]["rows_kept"] == found["report.json"]["rows_in"]


def test_before_the_first_day_there_is_nothing_to_ask_for():
    with pytest.raises(ValueError, match="begins on 2026-01-01"):
        generate_day(SMALL, dt.date(2025, 12, 31))


def test_every_outcome_belongs_to_an_impression_that_came_first():
    impressions = days(SMALL, 0, 12, "impressions")
    joined = days(SMALL, 0, 12, "outcomes").merge(
        impressions, on=["impression", "listener"], how="left", suffixes=("", "_shown")
    )
    assert joined["ad"].notna().all()
    assert (joined["at"] >= joined["at_shown"]).all()
    late = joined["at"] - joined["at_shown"]
    assert late[joined["kind"] == "click"].max() < pd.Timedelta(days=1)


def test_a_later_day_tells_the_same_story_of_an_earlier_one():
    shown = set(days(SMALL, 4, 1, "impressions")["impression"])
    asked = true_probabilities(SMALL, FIRST + dt.timedelta(4))
    assert set(asked["impression"]) == shown
    told_twice = days(SMALL, 4, 8, "outcomes")
    assert not told_twice.duplicated(["impression", "kind"]).any()


def test_an_advert_is_heard_while_its_listener_listens():
    listens, shown = days(SMALL, 5, 2, "listens"), days(SMALL, 5, 2, "impressions")
    ends = listens.sort_values("at")[["at", "listener"]].rename(columns={"at": "heard"})
    near = pd.merge_asof(shown.sort_values("at"), ends, left_on="at", right_on="heard",
                         by="listener", direction="nearest")  # fmt: skip
    close = (near["at"] - near["heard"]).abs() < pd.Timedelta(minutes=45)
    assert close.mean() > 0.97


def test_an_opportunity_in_twenty_is_explored_and_every_choice_is_logged_with_its_probability():
    world = World(listeners=1500, artists=200)
    day = generate_day(world, FIRST + dt.timedelta(9))
    shown, running = day["impressions.parquet"], day["campaigns.parquet"]
    today = pd.Timestamp(FIRST) + pd.Timedelta(days=9)
    live = running[(running["starts"] <= today) & (running["ends"] > today)]
    assert set(shown["ad"]) <= set(live["ad"])
    share = shown["explored"].mean()
    assert abs(share - EXPLORED) < 4 * (EXPLORED * (1 - EXPLORED) / len(shown)) ** 0.5
    # Horvitz and Thompson: what is shown with probability p stands for 1 / p that might be.
    for kind, rows in shown.groupby("format"):
        stands_for = 1 / rows["propensity"]
        off = stands_for.mean() - (live["format"] == kind).sum()
        assert abs(off) < 4 * stands_for.std() / len(rows) ** 0.5
        assert rows["propensity"].groupby(rows["ad"]).nunique().max() == 1


def test_a_day_without_any_advert_of_a_format_is_a_day_like_others():
    few = World(listeners=60, artists=100, ads=2, new_ads_per_day=0.3)
    formats = set()
    for number in (0, 3):
        day = generate_day(few, FIRST + dt.timedelta(number))
        formats |= set(day["impressions.parquet"]["format"])
        assert day["impressions.parquet"]["propensity"].between(0, 1, inclusive="right").all()
    assert 0 < len(formats) < len(FORMATS)


def test_what_another_advert_would_have_done_is_known_and_the_shown_one_is_one_of_them():
    day = FIRST + dt.timedelta(9)
    told = true_probabilities(SMALL, day)
    shown = generate_day(SMALL, day)["impressions.parquet"][["impression", "ad", "format"]]
    same = true_alternatives(SMALL, day, shown).set_index("impression")
    pd.testing.assert_frame_equal(same.drop(columns="ad").loc[told["impression"]],
                                  told.set_index("impression"))  # fmt: skip
    ads = shown.drop_duplicates("ad")[["ad", "format"]]
    pairs = shown.drop(columns="ad").merge(ads, on="format")
    other = true_alternatives(SMALL, day, pairs)
    assert len(other) == len(pairs) > 4 * len(shown)
    assert other.groupby("ad")["logit_ad"].nunique().max() == 1
    assert other.groupby("impression")["logit_hour"].nunique().max() == 1
    tired = (other["logit_fatigue"] < 0).groupby(other["impression"]).mean()
    assert 0 < tired.mean() < 0.5


def test_what_was_not_shown_on_the_day_has_no_alternatives():
    pairs = pd.DataFrame({"impression": ["impression-3-0"], "ad": ["ad-000000"]})
    with pytest.raises(ValueError, match="impressions of 2026-01-10"):
        true_alternatives(SMALL, FIRST + dt.timedelta(9), pairs)


def test_adverts_are_for_those_who_do_not_pay():
    day = generate_day(SMALL, FIRST + dt.timedelta(2))
    paid = day["listeners.parquet"].query("tier == 'paid'")["listener"]
    # A session that began the evening before is heard under the tier it began with.
    upgraded = set(day["impressions.parquet"]["listener"]) & set(paid)
    assert len(upgraded) <= 1


def test_a_forgotten_listener_is_on_no_list_but_that_of_the_forgotten():
    day = generate_day(SMALL, FIRST + dt.timedelta(60))
    gone = set(day["forgotten.parquet"]["listener"])
    assert gone
    assert not gone & set(day["listeners.parquet"]["listener"])
    assert not gone & set(day["consent.parquet"]["listener"])


@pytest.fixture(scope="module")
def told() -> pd.DataFrame:
    """Two weeks of impressions with their true chance of a click and what came of it."""
    world = World(listeners=1500)
    first = world.first_day + dt.timedelta(15)
    chances = pd.concat([true_probabilities(world, first + dt.timedelta(each))
                         for each in range(14)])  # fmt: skip
    outcomes = days(world, 15, 21, "outcomes")
    came = {
        name: chances["impression"].isin(outcomes.query("kind in @kinds")["impression"])
        for name, kinds in (
            ("clicked", ["click"]),
            ("heard", ["listened_100"]),
            ("left", ["skip", "mute"]),
        )
    }
    shown = days(world, 15, 14, "impressions")[["impression", "at", "break_position", "format"]]
    bought = outcomes[outcomes["kind"] == "conversion"].merge(shown, on="impression")
    soon = bought["at_x"] - bought["at_y"] < pd.Timedelta(days=7)
    came["bought"] = chances["impression"].isin(bought.loc[soon, "impression"])
    return chances.assign(**came).merge(shown)


def test_clicks_come_as_often_as_their_true_chances_say(told):
    expected, spread = told["probability"].sum(), (told["probability"]
                                                   * (1 - told["probability"])).sum() ** 0.5
    assert abs(told["clicked"].sum() - expected) < 4 * spread
    assert 0.028 < told["probability"].mean() < 0.042


@pytest.mark.parametrize(
    ("chance", "came"), [("completion", "heard"), ("skip", "left"), ("conversion", "bought")]
)
def test_what_follows_an_advert_comes_as_often_as_its_true_chance_says(told, chance, came):
    expected, spread = told[chance].sum(), (told[chance] * (1 - told[chance])).sum() ** 0.5
    assert abs(told[came].sum() - expected) < 4 * spread


def test_only_adverts_with_sound_are_heard_skipped_or_muted(told):
    silent = told[told["format"] == "display"]
    assert not silent[["heard", "left"]].any(axis=None)
    assert (silent["completion"] == 0).all()


def test_the_truth_ranks_as_well_as_a_good_model_could(told):
    ranks = told["probability"].rank()
    positive = told["clicked"]
    above = ranks[positive].sum() - positive.sum() * (positive.sum() + 1) / 2
    assert 0.72 < above / (positive.sum() * (~positive).sum()) < 0.82


def test_the_evening_is_when_listeners_click(told):
    evening = told["at"].dt.hour.between(18, 21)
    assert np.allclose(told["logit_hour"][evening], 0.55)
    at_another_hour = (told["probability"] / np.exp(told["logit_hour"]))[evening].sum()
    assert 1.35 < told["clicked"][evening].sum() / at_another_hour < 2.1


def test_an_advert_met_often_tires(told):
    tired = told["logit_fatigue"] < -0.45
    like_for_like = told["probability"] / np.exp(told["logit_fatigue"])
    assert 0.03 < tired.mean() < 0.6
    assert told["probability"][tired].mean() < 0.75 * like_for_like[tired].mean()


def test_sleepers_hardly_ever_click(told):
    spells = truth(World(listeners=1500))["segments.parquet"]
    first = spells.drop_duplicates("listener").set_index("listener")["segment"]
    by_segment = told.groupby(told["listener"].map(first))["clicked"].mean()
    assert by_segment["sleepers"] < 0.5 * by_segment["explorers"]


def test_a_few_listeners_change_their_ways():
    spells = truth(World(listeners=1500))["segments.parquet"]
    changed = spells["listener"].duplicated().sum() / spells["listener"].nunique()
    assert 0.03 < changed < 0.10


def test_chance_is_even_and_normal_where_it_should_be():
    numbers = np.arange(100_000)
    assert abs(unit(7, numbers).mean() - 0.5) < 0.01
    assert abs(np.corrcoef(unit(7, numbers), unit(8, numbers))[0, 1]) < 0.01
    assert abs(normal(7, numbers).std() - 1) < 0.01
