import dataclasses

import numpy as np
import pandas as pd
import pytest
from planted_responses import RECIPE, moods, responses

from ml.sampling import lottery, part, thin_negatives, undo_thinning


def ordered(rows):
    return part([rows], "train")


def thinned(keep):
    return dataclasses.replace(RECIPE, keep_negatives=keep)


def test_thinning_keeps_every_positive_and_the_asked_share_of_negatives():
    rows = ordered(responses(rows=20_000))
    kept = thin_negatives(rows, thinned(0.1))
    assert (kept["label"] == 1).sum() == (rows["label"] == 1).sum()
    assert (kept["label"] == 0).sum() / (rows["label"] == 0).sum() == pytest.approx(0.1, abs=0.01)


def test_thinning_and_undoing_it_recovers_the_base_rate():
    rows = ordered(responses(rows=20_000))
    kept = thin_negatives(rows, thinned(0.1))
    recovered = undo_thinning(np.array([kept["label"].mean()]), 0.1)[0]
    assert kept["label"].mean() > 2 * rows["label"].mean()
    assert recovered == pytest.approx(rows["label"].mean(), rel=0.05)


def test_a_row_is_kept_or_not_whatever_else_is_there():
    rows = ordered(responses())
    some = rows["listener"] < "l00300"
    everywhere = pd.Series(lottery(rows, 7))[some].to_numpy()
    assert (lottery(rows[some].reset_index(drop=True), 7) == everywhere).all()


def test_another_seed_keeps_other_rows_evenly():
    rows = ordered(responses(rows=20_000))
    one, other = lottery(rows, 7), lottery(rows, 8)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.05
    assert np.histogram(one, bins=10, range=(0, 1))[0] == pytest.approx(2000, rel=0.1)


def test_shards_in_any_number_and_rows_in_any_order_are_the_same_examples():
    whole = responses()
    last = whole["listener"].str[-1]
    shards = [whole[last.isin(list(digits))] for digits in ("04", "159", "23678")]
    shuffled = whole.sample(frac=1, random_state=1).reset_index(drop=True)
    expected = part([whole], "train")
    pd.testing.assert_frame_equal(part(shards, "train"), expected)
    pd.testing.assert_frame_equal(part([shuffled], "train"), expected)


def test_rows_of_one_listener_at_one_moment_have_one_order_too():
    rows = responses(rows=50).assign(listener="l1", moment=pd.Timestamp(2026, 1, 1))
    pd.testing.assert_frame_equal(ordered(rows), ordered(rows[::-1]))


def test_impressions_of_one_listener_at_one_moment_go_by_their_names():
    rows = responses(rows=50).assign(listener="l1", moment=pd.Timestamp(2026, 1, 1))
    rows["impression"] = pd.Series([f"i{(7 * at) % 50:02d}" for at in range(50)], dtype="str")
    assert list(part([rows[25:], rows[:25]], "train")["impression"]) == sorted(rows["impression"])


def test_a_part_is_chosen_where_examples_are_split_by_listener():
    rows = moods()
    chosen = part([rows, rows[:0]], "stop")
    assert set(chosen["part"]) == {"stop"}
    assert len(chosen) == (rows["part"] == "stop").sum()


@pytest.mark.parametrize("keep", [0.0, -1.0, 1.5])
def test_a_share_of_negatives_outside_zero_to_one_is_refused(keep):
    with pytest.raises(ValueError, match="keep_negatives must be in"):
        thin_negatives(responses(rows=10), thinned(keep))


def test_rows_without_a_label_are_in_no_part():
    known = pd.DataFrame({"listener": ["a", "b"], "moment": pd.Timestamp("2026-01-05"),
                          "impression": ["1", "2"], "label": [0, 1]})  # fmt: skip
    absent = known.assign(label=pd.Series([pd.NA, pd.NA], dtype="Int64"), listener=["c", "d"])
    found = part([known, absent], "train")
    assert found["listener"].tolist() == ["a", "b"] and found["label"].dtype == "int64"
    assert part([absent], "test").empty
