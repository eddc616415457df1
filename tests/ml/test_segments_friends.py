"""Friends share a segment more often than chance, or not, and how sure that is."""

import numpy as np
import pandas as pd
import pytest

from ml.segments.friends import between, homophily

SHARES = {"s1": 0.5, "s2": 0.3, "s3": 0.2}


def people(count: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    segments = rng.choice(list(SHARES), count, p=list(SHARES.values()))
    return pd.DataFrame({"listener": [f"p{at:03d}" for at in range(count)], "segment": segments})


def friends(members: pd.DataFrame, pairs: int, alike: float, seed: int = 2) -> pd.DataFrame:
    """Random pairs, some of people with many friends; a share ``alike`` lies within a segment."""
    rng = np.random.default_rng(seed)
    popular = rng.pareto(2.5, len(members)) + 0.5
    popular /= popular.sum()
    rows = []
    for one in rng.choice(len(members), pairs, p=popular):
        among = popular
        if rng.random() < alike:
            among = popular * (members["segment"] == members["segment"][one]).to_numpy()
        other = rng.choice(len(members), p=among / among.sum())
        rows.append((members["listener"][one], members["listener"][other]))
    return pd.DataFrame(rows, columns=["listener", "friend"])


def test_a_few_pairs_are_counted_by_hand():
    members = pd.DataFrame({"listener": list("abcd"), "segment": ["s1", "s1", "s2", "s2"]})
    pairs = pd.DataFrame([("a", "b"), ("b", "c"), ("c", "d")], columns=["listener", "friend"])
    found = homophily(members, pairs, seed=7)
    # Ends of friendships: a 1, b 2, c 2, d 1; of the 36 - 10 ordered pairs of ends of different
    # people, (3 x 3 - 5) are in s1 and as many in s2.
    assert (found["pairs"], found["left_out"]) == (3, 0)
    assert found["same"] == pytest.approx(2 / 3)
    assert found["expected"] == pytest.approx(8 / 26)
    assert found["ratio"] == pytest.approx((2 / 3) / (8 / 26))


def test_a_friendship_told_twice_or_with_oneself_counts_once_or_not_at_all():
    members = people(4)
    once = pd.DataFrame([("p000", "p001"), ("p002", "p003")], columns=["listener", "friend"])
    twice = pd.concat([once, once[["friend", "listener"]].set_axis(once.columns, axis=1), once])
    himself = pd.DataFrame([("p000", "p000")], columns=once.columns)
    told = homophily(members, pd.concat([twice, himself]), seed=7)
    assert told == homophily(members, once, seed=7)
    assert told["pairs"] == 2


def test_pairs_with_an_unknown_member_are_left_out_and_counted():
    members = people(3).assign(segment=["s1", "s1", "unknown yet"])
    rows = [("p000", "p001"), ("p001", "p002"), ("p000", "stranger"), ("stranger", "p000")]
    found = homophily(members, pd.DataFrame(rows, columns=["listener", "friend"]), seed=7)
    assert (found["pairs"], found["left_out"]) == (1, 2)


def test_planted_homophily_is_found_and_its_interval_says_so():
    members = people(300)
    found = homophily(members, friends(members, 900, alike=0.4), seed=7)
    expected = found["expected"]
    assert found["ratio"] == pytest.approx((0.4 + 0.6 * expected) / expected, rel=0.1)
    assert 1 < found["low"] < found["ratio"] < found["high"]


def test_where_friends_are_drawn_at_random_the_interval_nearly_always_holds_one():
    held, ratios = 0, []
    for world in range(25):
        members = people(150, seed=world)
        found = homophily(members, friends(members, 300, alike=0.0, seed=world), seed=7)
        held += found["low"] <= 1 <= found["high"]
        ratios.append(found["ratio"])
    assert held >= 22
    assert np.mean(ratios) == pytest.approx(1, abs=0.03)


def test_neither_the_order_of_rows_nor_who_told_changes_a_figure():
    members = people(60)
    pairs = friends(members, 100, alike=0.3)
    turned = pairs[["friend", "listener"]].set_axis(pairs.columns, axis=1).iloc[::-1]
    assert homophily(members, pairs, seed=7) == homophily(members.iloc[::-1], turned, seed=7)


@pytest.mark.parametrize("members, pairs", [(people(5), []), (people(5).iloc[:0], [("a", "b")])])
def test_without_pairs_there_are_no_figures(members, pairs):
    rows = pd.DataFrame(pairs, columns=["listener", "friend"], dtype="str")
    found = homophily(members, rows, seed=7)
    assert (found.pop("pairs"), found.pop("left_out")) == (0, len(pairs))
    assert set(found.values()) == {None}


def test_in_one_segment_friends_are_as_alike_as_chance_has_it():
    members = people(40).assign(segment="s1")
    assert homophily(members, friends(members, 60, alike=0), seed=7)["ratio"] == 1


def test_shards_of_members_and_of_friendships_change_nothing():
    members = people(60)
    pairs = friends(members, 100, alike=0.5)
    whole = homophily(members, pairs, seed=7)
    assert between([members[40:], members[:40]], [pairs[::2], pairs[1::2]], seed=7) == whole
