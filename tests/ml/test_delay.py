"""Late outcomes: how late, learnt without looking ahead; labels that stand for what will come."""

import numpy as np
import pandas as pd
import pytest
from ad_days import DAY, at, days_before, impressions, outcomes

from ml.delay import LEAST, Arrival, arrival, waits, weights
from ml.encoding import encode
from ml.family import ModelRecipe
from ml.training import fit

WINDOW = 7.0


def seen(rows: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Delays of which half are above a day, what was seen of them, and for how long at most."""
    generator = np.random.default_rng(seed)
    waited, followed = WINDOW * generator.random(rows) ** 2.8, 14 * generator.random(rows)
    known = waited < followed
    return waited, waited[known], followed[known]


def test_delays_are_learnt_right_although_the_latest_are_not_seen_yet():
    every, waited, followed = seen(20_000)
    found, days = arrival(waited, followed, WINDOW), np.array([0.1, 0.5, 1.0, 3.0, 6.0])
    true = [(every <= day).mean() for day in days]
    naive = [(waited <= day).mean() for day in days]
    assert found.by(days) == pytest.approx(true, abs=0.02)
    assert max(abs(np.array(naive) - true)) > 0.05


def test_from_the_end_of_the_window_on_all_has_come():
    found = arrival(np.array([0.5, 2.0, 9.0]), np.array([8.0, 8.0, 20.0]), WINDOW)
    assert found.by(np.array([0.0, 0.5, 2.0, 7.0, 30.0])).tolist() == [0, 0.5, 1, 1, 1]


def test_without_a_single_answer_in_time_the_message_says_what_to_do():
    with pytest.raises(ValueError, match="Use mature labels alone"):
        arrival(np.array([9.0]), np.array([20.0]), WINDOW)


def test_what_comes_after_the_night_is_not_looked_at():
    shown = impressions(("ann", "a1", "10:00"), ("bob", "a1", "10:00"), day=days_before(2))
    early = outcomes(shown, (0, "10:00"), kind="conversion", day=days_before(1))
    late = outcomes(shown, (1, "10:00"), kind="conversion")
    night = at("00:00")
    found = waits([shown], [early, late], ("conversion",), night)
    assert found["waited"].tolist() == [1.0]
    assert found["followed"].tolist() == pytest.approx([14 / 24 + 1])
    assert night.date() == DAY


def test_weighted_labels_count_what_will_have_come():
    generator = np.random.default_rng(3)
    age, rate = 7 * generator.random(60_000), 0.05
    waited, come = WINDOW * generator.random(60_000) ** 2.8, generator.random(60_000) < rate
    labels = (come & (waited < age)).astype(int)
    truth = Arrival(np.sort(waited), (np.arange(60_000) + 1) / 60_000, WINDOW)
    given = weights(labels, age, truth)
    sure = truth.by(age) > LEAST
    assert (given * labels)[sure].sum() == pytest.approx(come[sure].sum(), rel=0.06)
    assert given.max() <= 1 / LEAST and labels.sum() < 0.75 * come.sum()
    mature = weights(np.array([0, 1]), np.array([8.0, 8.0]), truth)
    assert mature.tolist() == [1.0, 1.0]


def test_a_column_of_weights_weighs_the_examples_of_a_training():
    rows = pd.DataFrame({"listener": [f"l{number % 50}" for number in range(2000)]}, dtype="str")
    generator = np.random.default_rng(5)
    rows["moment"] = pd.Timestamp(DAY) + pd.to_timedelta(np.arange(2000), unit="s")
    rows["moment"] = rows["moment"].astype("datetime64[ms]")
    rows["x"], rows["label"] = generator.random(2000), (generator.random(2000) < 0.2).astype(int)
    recipe = ModelRecipe("binary", ("x",), rounds=1, parameters=(("learning_rate", 1e-6),))
    def said(frame: pd.DataFrame) -> float:
        import lightgbm

        model = fit([frame], [rows], recipe=recipe, threads=1)
        booster = lightgbm.Booster(model_str=model["model.txt"])
        return float(np.mean(booster.predict(encode(frame, model["card.json"]))))

    tripled = rows.assign(weight=np.where(rows["label"] == 1, 3.0, 1.0))
    odds = rows["label"].mean() / (1 - rows["label"].mean())
    assert said(rows) == pytest.approx(odds / (1 + odds), abs=0.002)
    assert said(tripled) == pytest.approx(3 * odds / (1 + 3 * odds), abs=0.002)
