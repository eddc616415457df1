"""Discovery finds the four planted kinds of listeners, names them, and freezes them."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from planted_listeners import LAST, history, listens, tracks, truth

from ml.features import listening, listening_day
from ml.segments.definitions import WINDOW, discover, labels_of
from ml.segments.frozen import DefinitionsExpired, closest, expired, features_of, require_valid
from ml.segments.reasons import reasons_of


@pytest.fixture(scope="module")
def fortnight() -> list[dict]:
    return history()


@pytest.fixture(scope="module")
def discovered(fortnight) -> dict:
    return discover(history=fortnight, as_of=LAST)


def labels(fortnight: list[dict], discovered: dict) -> pd.Series:
    window = listening.totals(listening.gather(fortnight), LAST, WINDOW)
    return labels_of(window, discovered["definitions.json"])


def segment_of(kind: str, fortnight: list[dict], discovered: dict) -> dict:
    found = labels(fortnight, discovered)
    most = found[truth()[found.index] == kind].mode()[0]
    return discovered["definitions.json"]["segments"][most]


@pytest.mark.parametrize("seed", range(2))
def test_the_planted_kinds_are_found_and_never_merged(seed):
    from sklearn.metrics import adjusted_rand_score

    lived = history(seed=seed)
    found = labels(lived, discover(history=lived, as_of=LAST))
    kinds = truth()[found.index]
    assert adjusted_rand_score(kinds, found) >= 0.9
    assert (kinds.groupby(found).nunique() == 1).all()


@pytest.mark.parametrize(
    "kind, said",
    [
        ("commuter", {"morning", "skips a lot", "phone"}),
        ("evening", {"evening", "albums"}),
        ("office", {"radio", "plays a lot", "listens for hours", "midday"}),
        ("sleeper", {"night", "speaker"}),
    ],
)
def test_a_name_says_what_sets_the_segment_apart(kind, said, fortnight, discovered):
    words = set(segment_of(kind, fortnight, discovered)["name"].split(", "))
    assert words & said


def test_names_and_colors_are_unique(discovered):
    segments = discovered["definitions.json"]["segments"]
    for column in ("name", "color"):
        assert len({segment[column] for segment in segments}) == len(segments)


def test_the_typical_day_of_sleepers_peaks_at_two(fortnight, discovered):
    day = segment_of("sleeper", fortnight, discovered)["typical_day"]
    assert np.argmax(day) == 2 and sum(day) == pytest.approx(1, abs=1e-4)


def test_neither_a_second_run_nor_the_order_or_shards_of_the_history_change_a_byte(
    fortnight, discovered
):
    halves = []
    for part in reversed(fortnight):
        for shard in (1, 0):
            mine = {
                name: frame[frame["listener"].str[-1].astype(int) % 2 == shard].reset_index(
                    drop=True
                )
                for name, frame in part.items()
            }
            halves.append(mine)
    again = discover(history=halves, as_of=LAST)
    assert json.dumps(again["definitions.json"]) == json.dumps(discovered["definitions.json"])
    pd.testing.assert_frame_equal(again["profile.parquet"], discovered["profile.parquet"])


def test_later_days_do_not_change_a_definition(fortnight, discovered):
    tomorrow = LAST + dt.timedelta(1)
    later = listening_day.summarise(tomorrow, listens(tomorrow), tracks())
    again = discover(history=[*fortnight, later], as_of=LAST)
    assert again["definitions.json"] == discovered["definitions.json"]


def test_without_described_tracks_moods_are_left_out_and_it_says_so():
    definitions = discover(history=history(with_tracks=False), as_of=LAST)["definitions.json"]
    assert not any("mean_28d" in name or "genre" in name for name in definitions["features"])
    assert any("Moods and genres are not used" in note for note in definitions["notes"])


def test_too_few_listeners_make_no_segments_and_the_notes_say_how_many_are_needed():
    definitions = discover(history=history(listeners=12), as_of=LAST)["definitions.json"]
    assert definitions["segments"] == []
    assert any("at least 16 " in note for note in definitions["notes"])


def test_few_listeners_make_few_segments():
    definitions = discover(history=history(listeners=36), as_of=LAST)["definitions.json"]
    assert 2 <= len(definitions["segments"]) <= 4


def test_a_definition_survives_being_written_as_json(fortnight, discovered):
    written = json.loads(json.dumps(discovered["definitions.json"], allow_nan=False))
    pd.testing.assert_series_equal(
        labels(fortnight, {"definitions.json": written}), labels(fortnight, discovered)
    )


def test_the_choice_is_written_down_with_all_that_was_tried(discovered):
    quality = discovered["definitions.json"]["quality"]
    tried = {(one["method"], one["k"]) for one in quality["candidates"]}
    assert (quality["method"], quality["k"]) in tried and len(tried) == 15
    assert quality["k"] == 4 and quality["usefulness_held_out"]


def test_a_single_day_has_no_other_days_to_be_useful_for_and_it_says_so(fortnight):
    at_once = [
        {
            name: frame.assign(day=pd.Series(pd.Timestamp(LAST), frame.index, "datetime64[ms]"))
            for name, frame in part.items()
        }
        for part in fortnight
    ]
    definitions = discover(history=at_once, as_of=LAST)["definitions.json"]
    assert definitions["segments"] and not definitions["quality"]["usefulness_held_out"]
    assert any("there are not enough others" in note for note in definitions["notes"])


def test_listeners_who_are_all_alike_make_no_segments(fortnight):
    twins = []
    for part in fortnight:
        one = {name: frame[frame["listener"] == "listener-000"] for name, frame in part.items()}
        copies = {
            name: pd.concat(
                [frame.assign(listener=f"twin-{number:02d}") for number in range(20)],
                ignore_index=True,
            ).astype({"listener": "str"})
            for name, frame in one.items()
        }
        twins.append(copies)
    definitions = discover(history=twins, as_of=LAST)["definitions.json"]
    assert definitions["segments"] == [] and definitions["listeners"] == 20


def test_counts_without_hours_still_make_segments(fortnight):
    hours = [f"hour_{hour:02d}" for hour in range(24)]
    timeless = [
        {**part, "listening.parquet": part["listening.parquet"].assign(**dict.fromkeys(hours, 0))}
        for part in fortnight
    ]
    definitions = discover(history=timeless, as_of=LAST)["definitions.json"]
    assert definitions["segments"]
    assert all(segment["typical_day"] == [] for segment in definitions["segments"])


def test_the_profile_has_a_row_per_segment_and_feature_in_words(discovered):
    definitions, profile = discovered["definitions.json"], discovered["profile.parquet"]
    ids = [segment["id"] for segment in definitions["segments"]]
    assert profile["segment"].unique().tolist() == ids
    assert len(profile) == len(ids) * len(definitions["features"])
    assert profile["label"].ne("").all()
    morning = profile[(profile["feature"] == "morning_share_28d") & (profile["lift"] > 2)]
    assert len(morning) == 1


def test_every_segment_is_told_apart_from_the_nearest_one(fortnight, discovered):
    segments = discovered["definitions.json"]["segments"]
    for segment in segments:
        nearest = segment["nearest"]
        assert nearest["id"] != segment["id"] and nearest["sentence"].endswith(".")
        assert len(nearest["differences"]) == 4
    office = segment_of("office", fortnight, discovered)["nearest"]
    plays = [one for one in office["differences"] if one["feature"].startswith("plays_per")]
    assert plays and plays[0]["value"] > 2 * plays[0]["other"]


def test_reasons_are_words_for_what_the_listener_does(fortnight, discovered):
    frozen = discovered["definitions.json"]
    window = listening.totals(listening.gather(fortnight), LAST, WINDOW)
    features = features_of(window, frozen)
    near = closest(features, frozen)
    reasons = reasons_of(features, frozen, near["label"], near["runner_up"])
    kinds = truth()[reasons.index]
    said = {kind: reasons[kinds == kind].str.split(", ").explode() for kind in kinds.unique()}
    assert said["commuter"].isin(["morning", "skips a lot"]).mean() > 0.3
    assert not said["sleeper"].isin(["morning", "skips a lot", "plays a lot"]).any()
    assert (reasons.str.count(", ") <= 2).all() and reasons.ne("").mean() > 0.95
    pd.testing.assert_series_equal(reasons, reasons_of(features, frozen, near["label"]))


def test_membership_is_surer_the_nearer_the_segment(fortnight, discovered):
    frozen = discovered["definitions.json"]
    window = listening.totals(listening.gather(fortnight), LAST, WINDOW)
    near = closest(features_of(window, frozen), frozen)
    assert (near["label"] != near["runner_up"]).all()
    assert near["membership"].between(1 / 4, 1).all() and near["membership"].median() > 0.9
    nobody = closest(features_of(window, frozen), {**frozen, "segments": []})
    assert len(nobody) == 0


def test_definitions_expire_and_say_what_to_do(discovered):
    frozen = discovered["definitions.json"]
    last = dt.date.fromisoformat(frozen["expires"])
    assert not expired(frozen, last) and expired(frozen, last + dt.timedelta(1))
    require_valid(frozen, last)
    with pytest.raises(DefinitionsExpired, match=r"expired after 2026-03-01\nDiscover segments"):
        require_valid(frozen, last + dt.timedelta(1))


def test_a_later_discovery_keeps_ids_names_and_colors_whatever_the_loudest_words_are(discovered):
    before = [one | {"name": f"the name of {one['id']}"}
              for one in discovered["definitions.json"]["segments"]]  # fmt: skip
    earlier = {"definitions.json": discovered["definitions.json"] | {"segments": before}}
    later = history(seed=9)
    again = discover(history=later, as_of=LAST, previous=earlier)["definitions.json"]
    kept = ("id", "name", "color", "since")
    for old, new in zip(before, again["segments"], strict=True):
        assert [new[name] for name in kept] == [old[name] for name in kept]
    assert again["previous"]["agreement"] > 0.95
    assert again["previous"]["new"] == again["previous"]["retired"] == []
