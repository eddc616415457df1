"""Examples as a matrix of numbers, the same way at training and at scoring.

What was decided at training (which features, which vocabularies) is kept in the model's card and
is all that scoring reads: the order of a frame's columns, columns the card does not name and
columns that have disappeared since change nothing but the values that are missing.
Vocabularies are our own (sorted strings, code = position), so any language can encode a row.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ml.family import ModelRecipe
from ml.privacy import refuse_sensitive


class EncodingRefused(ValueError):
    """Raised when examples cannot become numbers as the recipe describes them."""


def fit_encoding(examples: pd.DataFrame, recipe: ModelRecipe) -> dict:
    """What the card keeps: ``features`` in matrix order, ``categorical`` vocabularies, ``notes``.

    Declared features come first, in the recipe's order, then the open ones in sorted order.
    Raises EncodingRefused when no feature is there or a numeric one holds text, and what
    ``refuse_sensitive`` raises when a feature may not be learnt from.
    """
    declared = [name for name in recipe.features if name in examples.columns]
    features = declared + open_features(examples.columns, recipe)
    refuse_sensitive([*recipe.features, *features])
    if not features:
        raise EncodingRefused(
            f"Expected at least one of the features {', '.join(recipe.features)}; found the "
            f"columns {', '.join(examples.columns)}. Build the examples with these features."
        )
    categorical = [name for name in features if name in recipe.categorical]
    _refuse_text(examples[[name for name in features if name not in categorical]])
    return {
        "features": features,
        "categorical": {name: _vocabulary(examples[name]) for name in categorical},
        "notes": _notes(examples, recipe, features),
    }


def open_features(columns: Iterable[str], recipe: ModelRecipe) -> list[str]:
    """Columns a source brought under an open prefix (such as ``attr_``), sorted."""
    prefixes = recipe.open_features
    return sorted({name for name in columns if name.startswith(prefixes)} - set(recipe.features))


def encode(frame: pd.DataFrame, encoding: dict) -> np.ndarray:
    """The frame as float32 of shape (rows, features); a missing column or unseen category is NaN.

    float32 halves the memory; integers are exact up to 16,777,216, which is ample for counts.
    """
    vocabularies = encoding["categorical"]
    matrix = np.full((len(frame), len(encoding["features"])), np.nan, dtype=np.float32)
    for position, name in enumerate(encoding["features"]):
        if name not in frame.columns:
            continue
        column = frame[name]
        if name in vocabularies:
            matrix[:, position] = _codes(column, vocabularies[name])
        else:
            matrix[:, position] = column.to_numpy(dtype=np.float32, na_value=np.nan)
    return matrix


def _codes(column: pd.Series, vocabulary: list[str]) -> np.ndarray:
    codes = pd.Index(vocabulary, dtype="str").get_indexer(pd.Index(column.astype("str")))
    return np.where(codes < 0, np.nan, codes)


def _vocabulary(column: pd.Series) -> list[str]:
    return sorted(column.dropna().astype("str").unique())


def _refuse_text(numeric: pd.DataFrame) -> None:
    text = [
        f"{name} ({numeric[name].dtype})"
        for name in numeric.columns
        if not pd.api.types.is_numeric_dtype(numeric[name])
    ]
    if text:
        raise EncodingRefused(
            f"Expected numbers in every feature that is not categorical; found {', '.join(text)}. "
            "Declare them in the recipe's `categorical`, or turn them into numbers."
        )


def _notes(examples: pd.DataFrame, recipe: ModelRecipe, features: list[str]) -> list[str]:
    missing = [name for name in recipe.features if name not in features]
    empty = [name for name in features if examples[name].isna().all()]
    return [
        *_listed("Trained without {}, which the source does not bring.", missing),
        *_listed("In no training example is there a value of {}.", empty),
    ]


def _listed(sentence: str, names: list[str]) -> list[str]:
    """The sentence about all of ``names``; none when there are none.

    >>> _listed("Trained without {}.", ["energy", "tempo"])
    ['Trained without 2 features (energy, tempo).']
    """
    counted = f"{len(names)} feature{'s' if len(names) > 1 else ''} ({', '.join(names)})"
    return [sentence.format(counted)] if names else []
