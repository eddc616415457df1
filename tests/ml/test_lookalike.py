import numpy as np
import pandas as pd
import pytest
from planted_audience import AGREED, KEY, NAMES, accounts, asked, positions, tonight

from benchmarks.lookalike import listeners_of, seeds_of
from ml.errors import RequestUnusable, SensitiveFeature
from ml.families import FAMILIES
from ml.family import ModelRecipe
from ml.lookalike import FOLDS, fold_of, recipe_of, scores
from ml.lookalike_audience import build
from ml.lookalike_quality import average_precision, quality, reasons
from ml.privacy import pseudonym
from ml.segments import assignment
from ml.world import World

RECIPE = FAMILIES["user_segmentation"].model
DAYS, SEEDS = 7, 150


@pytest.fixture(scope="module")
def world():
    """Who could be scored after a week of the listening world, and everybody's group."""
    rows = listeners_of(World(listeners=3000), DAYS)
    hidden = pseudonym(rows["listener"], KEY)
    return rows.assign(listener=hidden).sort_values("listener", ignore_index=True)


@pytest.fixture(scope="module")
def sleepers(world):
    """A list of one planted group, and everybody's score by it."""
    is_seed = seeds_of(world, "sleepers", SEEDS)
    return is_seed, learnt(world, is_seed)


def learnt(world, is_seed):
    rows = world.drop(columns=["group", "steady"])
    return scores(rows, is_seed, recipe_of(RECIPE))


@pytest.mark.parametrize("group", ["sleepers", "families"])
def test_seeds_of_a_planted_group_find_it_and_precision_falls_by_decile(world, sleepers, group):
    is_seed = seeds_of(world, group, SEEDS)
    found = sleepers[1] if group == "sleepers" else learnt(world, is_seed)
    told = quality(world["listener"], is_seed, found)
    assert is_seed.sum() == SEEDS and told["falls"] and not told["rises"]
    first = told["deciles"][0]
    assert first["lift"] >= 5 and first["low"] > 4 * told["base_rate"]
    assert sum(one["seeds"] for one in told["deciles"]) == SEEDS
    assert 0.9 < told["calibration_ratio"] < 1.1 and told["better_than_chance"]
    # The others who were found are of the group, too, though nobody said so.
    others = world[~is_seed].assign(score=found[~is_seed]).nlargest(50, "score")
    assert (others["group"] == group).mean() > 0.9


def test_a_list_of_anybody_finds_nobody(world):
    is_seed = fold_of(world["listener"] + "x") == 0
    told = quality(world["listener"], is_seed, learnt(world, is_seed))
    assert not told["better_than_chance"] and told["deciles"][0]["lift"] < 2


def test_nobody_is_scored_by_a_model_that_learnt_from_them(world, sleepers):
    """Who is moved onto the list is scored as before, as far as their own fold goes."""
    is_seed, before = sleepers
    other = is_seed.copy()
    fold = fold_of(world["listener"])
    mine = fold == 2
    other[np.flatnonzero(mine & ~is_seed)[:30]] = True
    after = learnt(world, other)
    assert np.array_equal(before[mine], after[mine])
    assert not np.array_equal(before[~mine], after[~mine])
    assert set(fold) == set(range(FOLDS))


def test_scores_depend_on_neither_the_order_of_rows_nor_other_columns(world, sleepers):
    is_seed, found = sleepers
    order = np.random.default_rng(1).permutation(len(world))
    rows = world.drop(columns=["group", "steady"])
    there = rows.take(order)[rows.columns[::-1]].assign(noise=1.0, age_band="25-34")
    again = scores(there.reset_index(drop=True), is_seed[order], recipe_of(RECIPE))
    assert np.array_equal(again, found[order])


def test_a_sensitive_attribute_cannot_be_learnt_from(world):
    recipe = ModelRecipe(objective="binary", features=("gender",))
    with pytest.raises(SensitiveFeature):
        scores(world.assign(gender=1.0), seeds_of(world, "sleepers", SEEDS), recipe)


def test_reasons_say_what_the_list_is_about(world, sleepers):
    told = reasons(world, sleepers[0], [*assignment.BEHAVIOUR, "genre_share_ambient", "plays_7d"])
    labels = [one["label"] for one in told]
    assert {"calm", "ambient"} <= set(labels)
    assert all(one["seeds_value"] != one["overall"] for one in told)
    assert "plays_7d" not in [one["feature"] for one in told]


def test_deciles_count_seeds_among_the_best_scored():
    listeners = pd.Series([f"l{at:02d}" for at in range(20)])
    is_seed = np.arange(20) < 3
    told = quality(listeners, is_seed, 1 - np.arange(20) / 20)
    assert [one["seeds"] for one in told["deciles"]] == [2, 1] + [0] * 8
    assert told["base_rate"] == 0.15 and told["falls"]
    assert [one["lift"] for one in told["deciles"][:2]] == pytest.approx([1 / 0.15, 0.5 / 0.15])
    assert told["auc"] == 1.0 and told["average_precision"] == 1.0
    upside_down = quality(listeners, is_seed, np.arange(20) / 20)
    assert not upside_down["falls"] and not upside_down["better_than_chance"]


def test_average_precision_takes_equal_scores_together():
    assert average_precision(np.array([1, 0]), np.array([0.5, 0.5])) == 0.5


def planted(listeners=300, minimum=10, **changed):
    """A lookalike's inputs: half the planted listeners are calm, which one feature tells."""
    at = np.arange(listeners)
    candidates = pd.DataFrame({
        "listener": NAMES, "energy_mean_28d": np.where(at % 2 == 0, 0.2, 0.8) + at % 7 / 100,
        "skip_rate_28d": at % 5 / 10, "enough_evidence": at < 280,
        "moment": pd.Series(pd.Timestamp("2026-01-26"), index=at, dtype="datetime64[ms]"),
    })  # fmt: skip
    return {"candidates": [candidates], "recipe": RECIPE, "family_name": "user_segmentation",
            **tonight(minimum=minimum, **changed)}  # fmt: skip


@pytest.fixture
def calm(tmp_path):
    """A request for listeners like 80 calm ones."""
    def ask(**fields):
        return asked(tmp_path, lists=[("fans.csv", range(0, 160, 2))],
                     **{"seeds": "fans.csv", "reach": 0.1, **fields})  # fmt: skip

    return ask


def test_the_audience_is_the_best_scored_others_up_to_the_reach(calm):
    made = build(request=calm(), **planted())
    members, told = made["members.parquet"], made["lookalike.json"]
    eligible = sum(1 for at in AGREED if at < 280)
    assert len(members) == told["audience"]["listeners"] == int(np.ceil(0.1 * eligible)) == 26
    found = positions(members)
    # Calm, consenting, with enough plays, and not on the list.
    assert all(at % 2 == 0 and at % 10 and 160 <= at < 280 for at in found)
    assert members["score"].is_monotonic_decreasing and members["rank"].iloc[-1] == 26
    assert told["reasons"][0]["label"] == "calm"
    assert made["audience.json"]["published"] and made["audience.json"]["kind"] == "lookalike"


def test_what_is_told_of_seeds_hides_small_differences(calm):
    told = build(request=calm(), **planted())["lookalike.json"]["seeds"]
    assert told == {"listed": 80, "known": 80, "consented": 64, "used": 64}
    hidden = build(request=calm(), **planted(minimum=20))["lookalike.json"]["seeds"]
    assert hidden == {"listed": None, "known": None, "consented": 64, "used": 64}


def test_a_lookalike_keeps_the_other_conditions_of_its_request(calm):
    made = build(request=calm(include=["s3"], countries=["SE"], reach=200), **planted())
    found = positions(made["members.parquet"])
    assert found == [at for at in AGREED if 200 <= at < 280 and at % 3 == 0]
    assert "Fewer listeners meet the conditions" in made["lookalike.json"]["notes"][-1]
    assert [one["share"] for one in made["lookalike.json"]["overlap"]] == [0, 0, 1, 0]


def test_too_few_seeds_are_refused_in_words(tmp_path):
    few = asked(tmp_path, lists=[("fans.csv", range(0, 80, 2))], seeds="fans.csv", reach=0.1)
    made = build(request=few, **planted())
    assert made["members.parquet"].empty and "deciles" not in made["lookalike.json"]
    assert "fewer than 50 seeds" in made["audience.json"]["reason"]


def test_seeds_that_nothing_sets_apart_are_refused_with_their_deciles(tmp_path):
    drawn = asked(tmp_path, lists=[("fans.csv", [at for at in range(280) if at % 4 < 2])],
                  seeds="fans.csv", reach=0.1)  # fmt: skip
    made = build(request=drawn, **planted())
    assert made["members.parquet"].empty
    assert "no more alike than listeners drawn by lot" in made["audience.json"]["reason"]
    assert len(made["lookalike.json"]["deciles"]) == 10


def test_a_lookalike_below_k_is_refused_without_its_size(calm):
    made = build(request=calm(reach=26), **planted(minimum=30))
    assert made["members.parquet"].empty
    told = made["lookalike.json"]["audience"]
    assert told == {"listeners": None, "published": False, "share": None,
                    "reason": "not published: fewer than 30 listeners"}  # fmt: skip
    assert all(one["listeners"] in (0, None) for one in made["lookalike.json"]["overlap"])


def test_a_lookalike_with_mistakes_is_unusable(calm):
    with pytest.raises(RequestUnusable, match="include"):
        build(request=calm(include=["s9"]), **planted())


def test_the_same_lookalike_comes_out_of_any_shards(calm):
    one = build(request=calm(), **planted())
    given = planted(shards=3)
    given["candidates"] = [given["candidates"][0][at::3] for at in (2, 0, 1)]
    other = build(request=calm(), **given | {"listeners": [accounts()]})
    pd.testing.assert_frame_equal(one["members.parquet"], other["members.parquet"])
    assert one["lookalike.json"] == other["lookalike.json"]
