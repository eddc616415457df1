"""A rate says little when little was seen."""

import doctest

import pandas as pd
import pytest

from ml.features import rates
from ml.features.rates import smoothed


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(rates).failed == 0


def test_a_rate_is_what_was_seen_plus_some_impressions_at_the_rate_above():
    rate = smoothed(pd.Series([3.0]), pd.Series([40.0]), 0.05, 60.0)
    assert rate[0] == pytest.approx((3 + 60 * 0.05) / (40 + 60))


def test_what_was_never_seen_has_the_rate_of_the_level_above():
    above = pd.Series([0.02, 0.07])
    missing = pd.Series([float("nan")] * 2)
    assert smoothed(missing, missing, above, 100.0).tolist() == pytest.approx([0.02, 0.07])


def test_much_evidence_overrules_the_level_above():
    rate = smoothed(pd.Series([9_000.0]), pd.Series([100_000.0]), 0.01, 100.0)
    assert rate[0] == pytest.approx(0.09, abs=1e-4)
