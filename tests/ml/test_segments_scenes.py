"""Scenes: artists who share listeners are found together, and nothing is found in noise."""

import json

import numpy as np
import pandas as pd
import pytest

from ml.segments.scenes import agreement, learn, scene_plays

GENRES = ("rock", "jazz", "folk")


def listening(seed: int = 3, loyalty: float = 0.8, people: int = 240, artists: int = 12):
    """Listeners who play mostly the artists of one of three genres; rock is the most listened to.

    Of each genre the artist 00 is played most, and by the others not more than anybody else.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        home = rng.choice(3, p=[0.5, 0.3, 0.2])
        for _ in range(12):
            genre = home if rng.random() < loyalty else rng.integers(3)
            artist = min(int(rng.exponential(4)), artists - 1)
            rows.append((f"p{person:03d}", f"{GENRES[genre]} {artist:02d}", rng.geometric(0.02)))
    return pd.DataFrame(rows, columns=["listener", "value", "plays"])


@pytest.fixture(scope="module")
def played() -> pd.DataFrame:
    return listening()


@pytest.fixture(scope="module")
def scenes(played) -> list[dict]:
    return learn(played, count=3)


def test_the_planted_genres_are_found_the_most_played_first(scenes):
    genres = [{artist[:4] for artist in scene["artists"]} for scene in scenes]
    assert genres == [{"rock"}, {"jazz"}, {"folk"}]


@pytest.mark.parametrize("seed", range(3))
def test_they_are_found_whoever_the_listeners_are(seed):
    found = learn(listening(seed=seed, loyalty=0.7), count=3)
    assert len(found) == 3
    for scene in found:
        assert len({artist[:4] for artist in scene["artists"]}) == 1


def test_genres_that_share_no_listener_at_all_are_told_apart(played):
    found = learn(listening(loyalty=1.0), count=3)
    assert sorted({artist[:4] for artist in scene["artists"]}.pop() for scene in found) == [
        "folk", "jazz", "rock"
    ]  # fmt: skip


def test_a_scene_is_called_by_artists_that_are_played_a_lot_and_mostly_there(played, scenes):
    everywhere = pd.DataFrame(
        {"listener": sorted(set(played["listener"])), "value": "on every radio", "plays": 900}
    )
    named = learn(pd.concat([played, everywhere], ignore_index=True), count=3)
    for scene in [*scenes, *named]:
        words = scene["name"].split(", ")
        assert len(words) == 2 and "on every radio" not in words
        assert all(int(word[-2:]) < 4 for word in words), "an artist few people play"
    assert len({scene["name"] for scene in named}) == 3


def test_an_artist_with_few_listeners_is_in_no_scene(played):
    rare = pd.DataFrame({"listener": ["p000", "p001"], "value": "rare", "plays": 5000})
    found = learn(pd.concat([played, rare], ignore_index=True), count=3)
    listed = [artist for scene in found for artist in scene["artists"]]
    assert "rare" not in listed and len(listed) == len(set(listed)) > 30


def test_neither_the_order_of_rows_nor_how_they_are_split_changes_a_byte(played, scenes):
    before = json.dumps(scenes)
    assert json.dumps(learn(played.sample(frac=1, random_state=1), count=3)) == before
    odd = played.assign(plays=played["plays"] // 2)
    halves = pd.concat([odd, played.assign(plays=played["plays"] - odd["plays"])])
    assert json.dumps(learn(halves, count=3)) == before


def test_in_noise_there_are_no_scenes(played):
    values = played["value"].sample(frac=1, random_state=1).to_numpy()
    noise = played.assign(value=values)
    assert agreement(noise, count=3) < 0.1 < 0.7 < agreement(played, count=3)
    assert learn(noise, count=3) == []


@pytest.mark.parametrize("rows", [0, 1, 40])
def test_of_nobody_and_of_a_handful_nothing_is_learnt(played, rows):
    assert learn(played.head(rows)) == []


def test_where_everybody_plays_the_same_there_are_no_scenes():
    everybody = [(f"p{at}", f"artist {number}") for at in range(60) for number in range(20)]
    alike = pd.DataFrame(everybody, columns=["listener", "value"]).assign(plays=5)
    assert learn(alike) == []


@pytest.mark.filterwarnings("error")
def test_two_kinds_of_listeners_are_two_scenes_however_many_are_asked_for():
    rows = [(f"p{at}", f"{'odd' if at % 2 else 'even'} {number}", 5) for at in range(60)
            for number in range(20)]  # fmt: skip
    found = learn(pd.DataFrame(rows, columns=["listener", "value", "plays"]))
    assert sorted({artist.split()[0] for artist in one["artists"]}.pop() for one in found) == [
        "even", "odd"
    ]  # fmt: skip


def test_there_are_fewer_scenes_where_there_are_few_artists(played):
    few = played[played["value"].str[-2:].isin(["00", "01", "02", "03"])]
    assert 1 <= len(learn(few, count=12)) <= 2


def test_plays_are_added_up_by_scene_and_artists_of_none_are_left_out():
    scenes = [{"name": "A, B", "artists": ["A", "B"]}, {"name": "C", "artists": ["C"]}]
    chosen = pd.DataFrame(
        {"listener": ["bo", "bo", "bo", "al", "cy"], "value": ["B", "A", "C", "A", "Z"],
         "plays": [1, 2, 4, 8, 16]}
    )  # fmt: skip
    rows = scene_plays(chosen, scenes)
    assert rows.values.tolist() == [["al", "A, B", 8], ["bo", "A, B", 3], ["bo", "C", 4]]
    for none in (scene_plays(chosen, []), scene_plays(chosen.iloc[:0], scenes)):
        assert none.empty and none.dtypes.astype(str).tolist() == ["str", "str", "int64"]
