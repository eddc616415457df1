"""Clustering of points: three clouds, and a cloud that has no groups."""

import numpy as np
import pandas as pd
import pytest

from ml import clustering


def clouds(groups: int = 3, each: int = 60) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    truth = np.repeat(np.arange(groups), each)
    return np.eye(groups)[truth] * 6 + random.normal(size=(len(truth), groups)), truth


def test_the_number_of_clouds_is_found():
    points, _ = clouds(5)
    candidates = [clustering.candidate(points, k, seed=7) for k in range(3, 8)]
    assert clustering.choose(candidates, minimum_share=0.03) == 5


def test_groups_that_are_there_are_stabler_than_cuts_through_one_cloud():
    points, _ = clouds(3)
    fog = np.random.default_rng(1).normal(size=points.shape)
    assert clustering.stability(points, 3, 7) > 0.95 > clustering.stability(fog, 3, 7)


def test_the_same_points_give_the_same_bytes():
    points, _ = clouds()
    one, other = (clustering.centers_of(points, 3, seed=7) for _ in range(2))
    assert one.tobytes() == other.tobytes()


def test_the_most_populous_group_comes_first():
    points, truth = clouds()
    points = points[(truth != 1) | (np.arange(len(truth)) % 2 == 0)]
    labels = clustering.nearest(points, clustering.centers_of(points, 3, seed=7))
    assert (np.diff(np.bincount(labels)) <= 0).all()


def test_an_outlier_weighs_at_most_three_spreads():
    table = pd.DataFrame({"plays": [1.0, 2.0, 3.0, 4.0, 1e9]})
    points = clustering.scale(table, clustering.fit_scaling(table.head(4), []))
    assert points[-1, 0] == clustering.CLIP


def test_a_missing_value_speaks_for_no_group():
    table = pd.DataFrame({"energy": [0.1, 0.5, 0.9, np.nan]})
    assert clustering.scale(table, clustering.fit_scaling(table, []))[3, 0] == 0


def test_a_column_that_never_differs_is_left_out():
    table = pd.DataFrame({"same": [1.0, 1.0], "nothing": [np.nan, np.nan], "some": [0.0, 1.0]})
    assert list(clustering.fit_scaling(table, [])) == ["some"]


@pytest.mark.parametrize("share, kept", [(0.03, 5), (0.2, 4)])
def test_groups_below_the_minimum_share_do_not_stand(share, kept):
    candidates = [
        {"k": 4, "stability": 0.9, "silhouette": 0.2, "smallest_share": 0.22},
        {"k": 5, "stability": 1.0, "silhouette": 0.4, "smallest_share": 0.10},
    ]
    assert clustering.choose(candidates, share) == kept


def test_of_equally_stable_groupings_the_finer_is_kept_unless_it_blurs_the_groups():
    merged = {"k": 5, "stability": 0.98, "silhouette": 0.220, "smallest_share": 0.1}
    finer = {"k": 6, "stability": 0.98, "silhouette": 0.215, "smallest_share": 0.1}
    blurred = {"k": 7, "stability": 0.98, "silhouette": 0.150, "smallest_share": 0.1}
    assert clustering.choose([merged, finer, blurred], 0.03) == 6
