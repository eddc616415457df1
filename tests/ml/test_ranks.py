"""Training in ranks: the same model in each, nearly as good as one process, to the byte again."""

import dataclasses
import multiprocessing
import tempfile
from pathlib import Path

import numpy as np
import pytest
from planted_responses import RECIPE, responses

from ml.calibration import uncalibrated
from ml.metrics import auc, normalized_entropy
from ml.training import TrainingRefused, fit
from tasks.engine.ranks import LocalPeers

FEWER = dataclasses.replace(RECIPE, rounds=40)
LATER = responses(3, rows=8000, day=3)


def one_of_two(door, rank):
    """What a rank returns."""
    return fit([responses(1)], [responses(2, day=2)], recipe=FEWER, threads=1, ranks=2,
               peers=LocalPeers(door, rank, 2))  # fmt: skip


def trained():
    """The model of two ranks, after both were seen to have the same."""
    with (tempfile.TemporaryDirectory() as folder,
          multiprocessing.get_context("spawn").Pool(2) as pool):
        asked = [(str(Path(folder, "door")), rank) for rank in range(2)]
        first, second = pool.starmap(one_of_two, asked, chunksize=1)
    assert first == second
    return first


@pytest.fixture(scope="module")
def alone():
    return fit([responses(1)], [responses(2, day=2)], recipe=FEWER, threads=1)


@pytest.fixture(scope="module")
def pair():
    return trained()


def test_two_ranks_make_the_same_bytes_again(pair):
    assert trained() == pair


def test_two_ranks_are_as_good_as_one_process_within_a_standard_error(alone, pair):
    labels = LATER["label"].to_numpy()
    one, two = (uncalibrated(model, LATER) for model in (alone, pair))
    for measure in (auc, normalized_entropy):
        assert abs(measure(labels, one) - measure(labels, two)) < standard_error(measure, one)


def standard_error(measure, scores):
    """By the bootstrap over rows."""
    random, labels = np.random.default_rng(1), LATER["label"].to_numpy()
    draws = (random.integers(0, len(labels), len(labels)) for _ in range(50))
    return np.std([measure(labels[rows], scores[rows]) for rows in draws])


def test_the_card_of_two_ranks_describes_the_same_rows_as_that_of_one(alone, pair):
    learnt = {"best_iteration", "importance"}
    one, two = alone["card.json"], pair["card.json"]
    assert {name: one[name] for name in one.keys() - learnt} == {
        name: two[name] for name in two.keys() - learnt}  # fmt: skip
    assert one["profile"]["features"].keys() == set(one["features"])


def test_the_text_names_no_machine(pair):
    text = pair["model.txt"]
    assert "127.0.0.1" not in text
    assert "[num_machines: 2]" in text and "[machines: ]" in text
    assert "[local_listen_port: 12400]" in text and "[tree_learner: data]" in text


def test_one_process_cannot_stand_for_two():
    with pytest.raises(TrainingRefused, match=r"Expected 2 ranks.*found 1"):
        fit([responses(1)], [responses(2, day=2)], recipe=FEWER, ranks=2)
