"""Discovery finds the four planted kinds of listeners, names them, and freezes them."""

import json

import numpy as np
import pandas as pd
import pytest
from planted_listeners import LAST, history, truth

from ml.features import listening
from ml.segments.definitions import WINDOW, discover, labels_of


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


@pytest.mark.parametrize("seed", range(4))
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
        ("evening", {"evening", "album"}),
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
    early, late = fortnight[:-1], fortnight
    day = LAST - pd.Timedelta(days=1)
    frozen = [discover(history=one, as_of=day)["definitions.json"] for one in (early, late)]
    assert frozen[0] == frozen[1]


def test_without_described_tracks_moods_are_left_out_and_it_says_so():
    definitions = discover(history=history(with_tracks=False), as_of=LAST)["definitions.json"]
    assert not any("mean_28d" in name or "genre" in name for name in definitions["features"])
    assert any("Moods and genres are not used" in note for note in definitions["notes"])


def test_too_few_listeners_make_no_segments_and_the_notes_say_how_many_are_needed():
    definitions = discover(history=history(listeners=12), as_of=LAST)["definitions.json"]
    assert definitions["segments"] == []
    assert any("at least 16" in note for note in definitions["notes"])


def test_few_listeners_make_few_segments():
    definitions = discover(history=history(listeners=36), as_of=LAST)["definitions.json"]
    assert 2 <= len(definitions["segments"]) <= 4


def test_a_definition_survives_being_written_as_json(fortnight, discovered):
    written = json.loads(json.dumps(discovered["definitions.json"], allow_nan=False))
    pd.testing.assert_series_equal(
        labels(fortnight, {"definitions.json": written}), labels(fortnight, discovered)
    )
