"""Clustering of points: three clouds, stretched clouds, and columns that are noise."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from ml import clustering
from ml.clustering import METHODS, fit


def clouds(groups: int = 3, each: int = 60, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = np.repeat(np.arange(groups), each)
    return np.eye(groups)[truth] * 6 + random.normal(size=(len(truth), groups)), truth


@pytest.mark.parametrize("method", METHODS)
def test_clouds_far_apart_are_found_by_every_method(method):
    points, truth = clouds()
    assert adjusted_rand_score(truth, fit(points, 3, 7)[method].labels(points)) == 1


@pytest.mark.parametrize("seed", range(3))
def test_discriminants_see_through_six_columns_that_all_say_the_same_other_thing(seed):
    random = np.random.default_rng(seed)
    points, truth = clouds(3, 200, seed)
    same = random.normal(size=(len(points), 1)) * 1.2 + random.normal(size=(len(points), 6))
    points = np.hstack([points / 2, same])
    found = {name: one.labels(points) for name, one in fit(points, 3, 7).items()}
    right = {name: adjusted_rand_score(truth, labels) for name, labels in found.items()}
    assert right["discriminant"] > 0.6 > 0.4 > right["k-means"]


def test_the_same_points_give_the_same_bytes():
    points, _ = clouds()
    one, other = fit(points, 3, seed=7), fit(points, 3, seed=7)
    for method in METHODS:
        assert one[method].centers.tobytes() == other[method].centers.tobytes()
        assert one[method].projection.tobytes() == other[method].projection.tobytes()


@pytest.mark.parametrize("method", METHODS)
def test_the_most_populous_group_comes_first(method):
    points, truth = clouds()
    points = points[(truth != 1) | (np.arange(len(truth)) % 2 == 0)]
    labels = fit(points, 3, seed=7)[method].labels(points)
    assert (np.diff(np.bincount(labels)) <= 0).all()


@pytest.mark.parametrize("method", METHODS)
def test_within_a_group_points_scatter_by_one_in_the_projection(method):
    points, _ = clouds(each=400)
    grouping = fit(points, 3, seed=7)[method]
    distances = grouping.distances(points)[np.arange(len(points)), grouping.labels(points)]
    assert distances.mean() == pytest.approx(grouping.projection.shape[1], rel=0.15)


def test_points_are_labelled_alike_in_pieces_and_at_once(monkeypatch):
    points, _ = clouds()
    grouping = fit(points, 3, seed=7)["mixture"]
    whole = grouping.labels(points)
    monkeypatch.setattr(clustering, "PIECE", 7)
    assert (grouping.labels(points) == whole).all()
    assert len(grouping.labels(points[:0])) == 0


def test_a_group_too_small_to_have_a_shape_ends_the_sharpening():
    points, _ = clouds(2, 20)
    points = np.vstack([points, [[60.0, 60.0]]])
    labels = fit(points, 3, seed=7)["discriminant"].labels(points)
    assert np.bincount(labels).min() == 1
