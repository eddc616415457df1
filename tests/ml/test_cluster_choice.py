"""How many groups, and by which method: stability and usefulness together decide."""

import numpy as np
import pytest
from test_clustering import clouds

from ml.cluster_choice import candidates, choose, stability, usefulness


def entry(k: int, stability: float, usefulness: float, method="k-means", smallest=0.1) -> dict:
    return {
        "method": method,
        "k": k,
        "stability": stability,
        "usefulness": usefulness,
        "smallest_share": smallest,
    }


def halves(points: np.ndarray, noise: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """The same points seen twice, each time a little wrong."""
    random = np.random.default_rng(11)
    one, other = (points + random.normal(scale=noise, size=points.shape) for _ in range(2))
    return one, other


def test_the_number_of_clouds_is_found():
    points, _ = clouds(5)
    assert choose(candidates(points, halves(points), range(3, 8), seed=7), 0.03)["k"] == 5


def test_groups_that_are_there_are_stabler_than_cuts_through_one_cloud():
    points, _ = clouds(3)
    fog = np.random.default_rng(1).normal(size=points.shape)
    there, cut = stability(points, 3, 7), stability(fog, 3, 7)
    assert all(there[method] > 0.95 > cut[method] for method in there)


def test_groups_that_are_there_tell_of_other_days_and_chance_does_not():
    points, _ = clouds(3)
    fog = np.random.default_rng(1).normal(size=(2, *points.shape))
    told, untold = usefulness(*halves(points), 3, 7), usefulness(fog[0], fog[1], 3, 7)
    assert all(told[method] > 0.5 and untold[method] < 0.02 for method in told)


def test_usefulness_does_not_depend_on_kinds_taking_turns_in_the_rows():
    points, truth = clouds(4)
    turns = np.argsort(np.arange(len(truth)) % 60, kind="stable")
    in_turn = usefulness(*halves(points[turns]), 4, 7)
    assert all(told > 0.5 for told in in_turn.values())


def test_merging_groups_that_are_there_loses_more_than_it_steadies():
    merged, there, split = entry(5, 1.0, 0.33), entry(6, 0.99, 0.38), entry(7, 0.9, 0.39)
    assert choose([merged, there, split], 0.03)["k"] == 6


def test_of_equals_the_fewest_groups_by_the_plainest_method_are_kept():
    equal = [entry(6, 0.9, 0.3, "discriminant"), entry(5, 0.9, 0.3, "mixture"), entry(5, 0.9, 0.3)]
    chosen = choose(equal, 0.03)
    assert (chosen["k"], chosen["method"]) == (5, "k-means")


@pytest.mark.parametrize("share, kept", [(0.03, 5), (0.2, 4)])
def test_groups_below_the_minimum_share_do_not_stand(share, kept):
    found = [entry(4, 0.9, 0.3, smallest=0.22), entry(5, 1.0, 0.4, smallest=0.10)]
    assert choose(found, share)["k"] == kept


def test_where_every_candidate_has_a_small_group_all_of_them_stand():
    found = [entry(4, 0.9, 0.3, smallest=0.01), entry(5, 0.9, 0.4, smallest=0.01)]
    assert choose(found, 0.03)["k"] == 5


def test_where_no_candidate_is_of_use_the_stablest_is_kept_however_useless():
    misleading = [entry(2, 0.3, -0.01), entry(2, 0.8, -0.02, "mixture"), entry(3, 0.6, -0.05)]
    assert choose(misleading, 0.03)["method"] == "mixture"
