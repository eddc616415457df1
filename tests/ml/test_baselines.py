import numpy as np
import pandas as pd
import pytest

from ml.baselines import smoothed_rates


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
