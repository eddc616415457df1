import dataclasses

import numpy as np
import pandas as pd
import pytest
from planted_responses import RECIPE, responses

from ml import encoding
from ml.encoding import EncodingRefused, encode
from ml.errors import SensitiveFeature


def fit_encoding(rows, recipe):
    return encoding.fit_encoding([rows], np.arange(len(rows)), recipe)


def test_the_order_of_columns_and_extra_columns_do_not_matter():
    rows = responses(rows=100)
    encoding = fit_encoding(rows, RECIPE)
    assert encoding["features"] == ["evening_share", "noise", "device", "attr_break"]
    turned = rows[rows.columns[::-1]].assign(surprise=1)
    np.testing.assert_array_equal(encode(turned, encoding), encode(rows, encoding))


def test_a_category_never_seen_and_a_missing_one_are_missing_values():
    encoding = fit_encoding(responses(rows=100), RECIPE)
    assert encoding["categorical"] == {"device": ["car", "phone", "speaker"]}
    rows = responses(rows=3).assign(device=pd.Series(["speaker", "fridge", None], dtype="str"))
    codes = encode(rows, encoding)[:, 2]
    np.testing.assert_array_equal(codes, [2, np.nan, np.nan])


def test_a_feature_the_source_does_not_bring_is_noted_and_left_out():
    encoding = fit_encoding(responses(rows=100).drop(columns="noise"), RECIPE)
    assert "noise" not in encoding["features"]
    assert encoding["notes"] == [
        "Trained without 1 feature (noise), which the source does not bring."
    ]


def test_a_feature_missing_at_scoring_is_a_missing_value():
    rows = responses(rows=100)
    matrix = encode(rows.drop(columns="attr_break"), fit_encoding(rows, RECIPE))
    assert np.isnan(matrix[:, 3]).all()
    assert not np.isnan(matrix[:, :3]).any()


def test_any_column_under_an_open_prefix_is_a_feature():
    rows = responses(rows=10).assign(attr_weather=3, attractive=1)
    assert fit_encoding(rows, RECIPE)["features"][-2:] == ["attr_break", "attr_weather"]


def test_nothing_is_open_unless_the_recipe_says_so():
    closed = dataclasses.replace(RECIPE, open_features=())
    assert "attr_break" not in fit_encoding(responses(rows=10), closed)["features"]


@pytest.mark.parametrize("column", ["attr_age_band", "attr_gender"])
def test_a_sensitive_attribute_is_refused_even_under_an_open_prefix(column):
    with pytest.raises(SensitiveFeature, match=column):
        fit_encoding(responses(rows=10).assign(**{column: 1}), RECIPE)


def test_text_in_a_numeric_feature_is_refused_with_advice():
    with pytest.raises(EncodingRefused, match=r"found noise \(str\).*categorical"):
        fit_encoding(responses(rows=10).assign(noise="loud"), RECIPE)


def test_examples_without_any_feature_are_refused():
    with pytest.raises(EncodingRefused, match="Expected at least one of the features"):
        fit_encoding(responses(rows=10)[["listener", "moment", "label"]], RECIPE)
