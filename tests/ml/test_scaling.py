"""One scale for columns of unlike units."""

import numpy as np
import pandas as pd

from ml.scaling import CLIP, fit_scaling, scale


def test_an_outlier_weighs_at_most_three_spreads():
    table = pd.DataFrame({"plays": [1.0, 2.0, 3.0, 4.0, 1e9]})
    points = scale(table, fit_scaling(table.head(4), {}))
    assert points[-1, 0] == CLIP


def test_a_missing_value_speaks_for_no_group():
    table = pd.DataFrame({"energy": [0.1, 0.5, 0.9, np.nan]})
    assert scale(table, fit_scaling(table, {}))[3, 0] == 0


def test_a_column_that_is_gone_speaks_for_no_group():
    table = pd.DataFrame({"energy": [0.1, 0.5, 0.9], "tempo": [1.0, 2.0, 3.0]})
    points = scale(table.drop(columns="energy"), fit_scaling(table, {}))
    assert (points[:, 0] == 0).all() and points[:, 1].any()


def test_a_column_that_never_differs_is_left_out():
    table = pd.DataFrame({"same": [1.0, 1.0], "nothing": [np.nan, np.nan], "some": [0.0, 1.0]})
    assert list(fit_scaling(table, {})) == ["some"]


def test_the_root_of_a_share_is_as_noisy_for_rare_choices_as_for_common_ones():
    shares = np.array([0.02, 0.3])
    plays = np.random.default_rng(0).binomial(200, shares, size=(4000, 2)) / 200
    table = pd.DataFrame(plays, columns=["rare", "common"])
    spread = {
        how: [one["scale"] for one in fit_scaling(table, dict.fromkeys(table, how)).values()]
        for how in ("none", "root")
    }
    assert spread["none"][1] > 2.5 * spread["none"][0]
    assert spread["root"][1] < 1.2 * spread["root"][0]
