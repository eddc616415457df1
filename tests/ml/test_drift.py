import json

import numpy as np
import pytest

from ml import drift as drifting
from ml.drift import drift, drift_of_scores, profile_of_scores

ENCODING = {
    "features": ["energy", "plays", "flag", "device"],
    "categorical": {"device": ["car", "phone", "speaker"]},
}


def rows(count=5000, seed=1, energy=0.0, speakers=0.2):
    random = np.random.default_rng(seed)
    columns = [
        random.normal(energy, 1, count),
        random.poisson(0.2, count),
        random.random(count) < 0.97,
        random.choice(3, count, p=[0.3, 0.7 - speakers, speakers]),
    ]
    return np.column_stack(columns).astype(np.float32)


def profile(matrix, encoding, listeners, weights=None, days=None):
    """Of rows that all count the same and happened on one day, unless told otherwise."""
    heavy = np.ones(len(matrix)) if weights is None else weights
    on = np.zeros(len(matrix), dtype=int) if days is None else days
    return drifting.profile(matrix, encoding, listeners, on, heavy)


def verdicts(now, then=None, listeners=5000):
    known = profile(rows() if then is None else then, ENCODING, listeners)
    return {one["feature"]: one["verdict"] for one in drift(now, ENCODING, len(now), known)}


def test_rows_of_the_same_kind_are_stable_and_the_same_rows_have_an_index_of_zero():
    assert set(verdicts(rows(seed=2)).values()) == {"stable"}
    found = drift(rows(), ENCODING, 5000, profile(rows(), ENCODING, 5000))
    assert [one["index"] for one in found] == [0.0] * 4


def test_what_moved_is_found_and_named_first():
    found = drift(rows(energy=1.0), ENCODING, 5000, profile(rows(), ENCODING, 5000))
    assert (found[0]["feature"], found[0]["verdict"]) == ("energy", "moved far")
    assert {one["verdict"] for one in found[1:]} == {"stable"}
    assert verdicts(rows(speakers=0.36))["device"] == "moved"


def test_a_feed_that_died_is_a_large_shift_and_its_missing_share_is_told():
    dead = rows()
    dead[:, 0] = np.nan
    first = drift(dead, ENCODING, 5000, profile(rows(), ENCODING, 5000))[0]
    assert (first["feature"], first["verdict"], first["missing"]) == (
        "energy", "moved far", [0.0, 1.0])  # fmt: skip


def test_rare_values_have_bins_of_their_own():
    """Nine tenths of the rows agree, so tenths of the rows alone would see one bin."""
    often = rows()
    often[:, 2] = np.random.default_rng(3).random(len(often)) < 0.7
    assert verdicts(often)["flag"] == "moved far"


def test_few_listeners_prove_nothing():
    few = rows(40, seed=9)
    found = drift(few, ENCODING, 40, profile(rows(), ENCODING, 5000))
    assert max(one["index"] for one in found) > 0.1
    assert {one["verdict"] for one in found} == {"stable"}


def test_a_day_that_is_no_further_from_the_others_than_they_are_has_not_drifted():
    """Energy is a day's own: one day never looks like all of them, and a new one no more so."""
    days = np.repeat(np.arange(10), 500)
    then, tonight = rows(), rows(500, seed=2)
    then[:, 0], tonight[:, 0] = days % 7, 3.0
    several = profile(then, ENCODING, 5000, days=days)
    as_one = profile(then, ENCODING, 5000)
    found, apart = (drift(tonight, ENCODING, 500, known)[0] for known in (several, as_one))
    assert found["feature"] == apart["feature"] == "energy"
    assert found["index"] == apart["index"] > 1
    assert (found["verdict"], apart["verdict"]) == ("stable", "moved far")
    tonight[:, 0] = np.nan
    assert drift(tonight, ENCODING, 500, several)[0]["verdict"] == "moved far"


def test_thinned_rows_with_their_weights_have_the_profile_of_all_rows():
    everybody = rows(20_000)
    heavy = (everybody[:, 0] > 0.5).astype(float)
    kept = (heavy == 0) | (np.random.default_rng(5).random(20_000) < 0.1)
    weights = np.where(heavy == 1, 10.0, 1.0)[kept]
    thinned = profile(everybody[kept], ENCODING, 20_000, weights)
    found = {one["feature"]: one["index"] for one in drift(everybody, ENCODING, 20_000, thinned)}
    assert max(found.values()) < 0.01
    unweighted = profile(everybody[kept], ENCODING, 20_000)
    assert drift(everybody, ENCODING, 20_000, unweighted)[0]["index"] > 0.1


def test_a_profile_reads_back_from_json_as_it_was_and_is_compact():
    known = profile(rows(), ENCODING, 5000)
    again = json.loads(json.dumps(known, allow_nan=False))
    assert drift(rows(seed=2), ENCODING, 9, again) == drift(rows(seed=2), ENCODING, 9, known)
    assert len(json.dumps(known)) < 4 * 400


@pytest.mark.parametrize("scores", [np.linspace(0, 1, 500), np.eye(5)[np.arange(500) % 5]])
def test_scores_have_a_profile_too(scores):
    known = profile_of_scores(scores, 500)
    assert drift_of_scores(scores, 500, known)["index"] == 0.0


def test_no_rows_have_no_index_and_no_error():
    nothing = rows()[:0]
    assert {one["index"] for one in drift(nothing, ENCODING, 0, profile(rows(), ENCODING, 9))} == {
        None
    }
    assert drift_of_scores(np.zeros(0), 0, profile_of_scores(np.zeros(0), 0))["index"] is None
