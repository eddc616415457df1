import numpy as np
import pandas as pd
import pytest
from planted_responses import responses

from ml import metrics
from ml.baselines import smoothed_rates, stand_beside
from ml.family import Baseline


def clicks(rates: dict[str, float], each: int) -> pd.DataFrame:
    random = np.random.default_rng(1)
    frames = [
        pd.DataFrame({"ad": name, "label": (random.random(each) < rate).astype(int)})
        for name, rate in rates.items()
    ]
    return pd.concat(frames, ignore_index=True)


def test_an_ad_never_seen_has_the_base_rate():
    learnt = clicks({"a": 0.1, "b": 0.3}, 1000)
    found = smoothed_rates(learnt, pd.DataFrame({"ad": ["new"]}), ("ad",))
    assert found[0] == pytest.approx(learnt["label"].mean())


def test_ads_that_truly_differ_keep_their_rates():
    learnt = clicks({"a": 0.1, "b": 0.5}, 2000)
    found = smoothed_rates(learnt, pd.DataFrame({"ad": ["a", "b"]}), ("ad",))
    assert found == pytest.approx([0.1, 0.5], abs=0.03)


def test_ads_that_differ_by_chance_only_are_drawn_to_the_base_rate():
    learnt = clicks({f"ad {number}": 0.2 for number in range(200)}, 20)
    names = pd.DataFrame({"ad": sorted(learnt["ad"].unique())})
    raw = learnt.groupby("ad")["label"].mean().to_numpy()
    assert smoothed_rates(learnt, names, ("ad",)).std() < raw.std() / 2


EVERY_KIND = (
    Baseline("device", "rates", ("device",)),
    Baseline("logistic", "logistic", ("device", "evening_share", "attr_*")),
    Baseline("trees", "trees", ("listener", "device", "evening_share", "attr_*")),
)
LEARNT, WATCHED, JUDGED = responses(1), responses(2, day=2), responses(3, day=3)


def stand(learnt=LEARNT, watched=WATCHED, judged=JUDGED):
    return stand_beside([learnt], [watched], [judged], baselines=EVERY_KIND)


def test_every_baseline_finds_what_its_columns_say():
    found = stand()["predictions.parquet"]
    labels = JUDGED.sort_values(["moment", "listener"])["label"]
    entropy = {name: metrics.normalized_entropy(labels, found[name]) for name in found}
    assert list(entropy) == ["device", "logistic", "trees"]
    assert entropy["device"] < 0.995
    assert max(entropy["logistic"], entropy["trees"]) < 0.93
    ratio = metrics.calibration_ratio(labels, found["logistic"])
    assert ratio == pytest.approx(1, abs=0.1)


def test_a_pair_of_values_says_what_neither_says_alone():
    """Which of two ads is answered depends on the device: exclusive or."""
    rows = responses(4, base=-9)
    phone, odd = rows["device"] == "phone", rows["attr_break"] % 2 == 1
    rows["label"] = (phone ^ odd).astype("int64")
    alone = Baseline("alone", "logistic", ("device", "attr_break"))
    crossed = Baseline("crossed", "logistic", ("device", "attr_break"), (("device", "attr_break"),))
    found = stand_beside([rows], [rows], [rows], baselines=(alone, crossed))["predictions.parquet"]
    labels = rows.sort_values(["moment", "listener"])["label"]
    assert metrics.auc(labels, found["alone"]) < 0.8
    assert metrics.auc(labels, found["crossed"]) > 0.99


def test_neither_the_order_of_rows_nor_their_shards_change_a_prediction():
    found = stand()["predictions.parquet"]
    mixed = LEARNT.sample(frac=1, random_state=1)
    frames = [mixed[mixed["market"] == name] for name in ("SE", "DE")]
    again = stand_beside(frames, [WATCHED[::-1]], [JUDGED[::-1]], baselines=EVERY_KIND)
    pd.testing.assert_frame_equal(found, again["predictions.parquet"], check_exact=True)


def test_values_nobody_has_seen_and_missing_ones_are_predicted_too():
    strange = JUDGED.assign(device=pd.Series("fridge", index=JUDGED.index, dtype="str"))
    strange["evening_share"] = np.nan
    found = stand(judged=strange)["predictions.parquet"]
    assert found.notna().all(axis=None) and found.gt(0).all(axis=None)


def test_days_without_rows_have_no_predictions_and_what_was_left_out_is_said():
    assert stand(judged=JUDGED[:0])["predictions.parquet"].shape == (0, 3)
    nothing = stand(learnt=LEARNT[:0])
    assert nothing["predictions.parquet"].shape == (len(JUDGED), 0)
    assert "The baseline trees has no examples" in nothing["baselines.json"]["notes"][2]
    alike = stand(watched=WATCHED.assign(label=0))["baselines.json"]["notes"]
    assert "The baseline logistic found labels that are all alike: not computed." in alike
    lacking = stand(judged=JUDGED.drop(columns="device"))["baselines.json"]["notes"]
    assert lacking[0] == "The baseline device needs device: not computed."
