"""Examples as a matrix of numbers, the same way at training and at scoring.

What was decided at training (which features, which vocabularies) is kept in the model's card and
is all that scoring reads: the order of a frame's columns, columns the card does not name and
columns that have disappeared since change nothing but the values that are missing.
Vocabularies are our own (sorted strings, code = position), so any language can encode a row.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ml.examples import Shards, heading, length, pieces
from ml.family import ModelRecipe
from ml.privacy import refuse_sensitive


class EncodingRefused(ValueError):
    """Raised when examples cannot become numbers as the recipe describes them."""


def fit_encoding(shards: Shards, positions: np.ndarray, recipe: ModelRecipe) -> dict:
    """What the card keeps: ``features`` in matrix order, ``categorical`` vocabularies, ``notes``.

    Declared features come first, in the recipe's order, then the open ones in sorted order.
    Vocabularies are those of the rows at ``positions``, counted over all shards.
    Raises EncodingRefused when no feature is there or a numeric one holds text, and what
    ``refuse_sensitive`` raises when a feature may not be learnt from.
    """
    headings = [heading(shard) for shard in _filled(shards, positions)]
    there = list(dict.fromkeys(name for one in headings for name in one.columns))
    declared = [name for name in recipe.features if name in there]
    features = declared + open_features(there, recipe)
    refuse_sensitive([*recipe.features, *features])
    if not features:
        raise EncodingRefused(
            f"Expected at least one of the features {', '.join(recipe.features)}; found the "
            f"columns {', '.join(there)}. Build the examples with these features."
        )
    categorical = [name for name in features if name in recipe.categorical]
    _refuse_text(headings, [name for name in features if name not in categorical])
    missing = [name for name in recipe.features if name not in features]
    return {
        "features": features,
        "categorical": _vocabularies(shards, positions, categorical),
        "notes": listed("Trained without {}, which the source does not bring.", missing),
    }


def open_features(columns: Iterable[str], recipe: ModelRecipe) -> list[str]:
    """Columns a source brought under an open prefix (such as ``attr_``), sorted."""
    prefixes = recipe.open_features
    return sorted({name for name in columns if name.startswith(prefixes)} - set(recipe.features))


def encode(frame: pd.DataFrame, encoding: dict) -> np.ndarray:
    """The frame as float32 of shape (rows, features); a missing column or unseen category is NaN.

    float32 halves the memory; integers are exact up to 16,777,216, which is ample for counts.
    """
    matrix = np.empty((len(frame), len(encoding["features"])), dtype=np.float32)
    _fill(matrix, frame, encoding)
    return matrix


def encode_rows(shards: Shards, positions: np.ndarray, encoding: dict) -> np.ndarray:
    """The rows at ``positions`` of all shards as ``encode`` gives them, in that order.

    Only the matrix and a piece of one shard are in memory at once.
    """
    matrix = np.empty((len(positions), len(encoding["features"])), dtype=np.float32)
    for places, piece in pieces(shards, positions, encoding["features"]):
        if (np.diff(places) == 1).all():  # in order already, as a day of one shard is
            _fill(matrix[places[0] : places[-1] + 1], piece, encoding)
        else:
            matrix[places] = encode(piece, encoding)
    return matrix


def _fill(matrix: np.ndarray, frame: pd.DataFrame, encoding: dict) -> None:
    vocabularies = encoding["categorical"]
    for position, name in enumerate(encoding["features"]):
        if name not in frame.columns:
            matrix[:, position] = np.nan
        elif name in vocabularies:
            matrix[:, position] = _codes(frame[name], vocabularies[name])
        else:
            matrix[:, position] = frame[name].to_numpy(dtype=np.float32, na_value=np.nan)


def empty_features(matrix: np.ndarray, features: list[str]) -> list[str]:
    """Features without a single value in the matrix."""
    suspects = np.flatnonzero(np.isnan(matrix[:1000]).all(axis=0))
    return [features[column] for column in suspects if np.isnan(matrix[:, column]).all()]


def _filled(shards: Shards, positions: np.ndarray) -> list:
    """Shards with a row at one of the positions: an empty one may have columns of any type."""
    ends = np.cumsum([length(shard) for shard in shards])
    holding = np.unique(np.searchsorted(ends, positions, side="right"))
    return [shards[number] for number in holding]


def _codes(column: pd.Series, vocabulary: list[str]) -> np.ndarray:
    found, words = pd.factorize(column)
    codes = pd.Index(vocabulary, dtype="str").get_indexer(pd.Index(words).astype("str"))
    known = np.append(codes, -1)[found]
    return np.where(known < 0, np.nan, known)


def _vocabularies(shards: Shards, positions: np.ndarray, names: list[str]) -> dict[str, list[str]]:
    words: dict[str, set[str]] = {name: set() for name in names}
    for _, piece in pieces(shards, positions, names) if names else ():
        for name, column in piece.items():
            words[str(name)].update(pd.Index(column.unique()).dropna().astype("str"))
    return {name: sorted(found) for name, found in words.items()}


def _refuse_text(headings: list[pd.DataFrame], numeric: list[str]) -> None:
    text = {
        f"{name} ({heading[name].dtype})"
        for heading in headings
        for name in heading.columns.intersection(numeric)
        if not pd.api.types.is_numeric_dtype(heading[name])
    }
    if text:
        raise EncodingRefused(
            f"Expected numbers in every feature that is not categorical; found "
            f"{', '.join(sorted(text))}. "
            "Declare them in the recipe's `categorical`, or turn them into numbers."
        )


def listed(sentence: str, names: list[str]) -> list[str]:
    """The sentence about all of ``names``; none when there are none.

    >>> listed("Trained without {}.", ["energy", "tempo"])
    ['Trained without 2 features (energy, tempo).']
    """
    counted = f"{len(names)} feature{'s' if len(names) > 1 else ''} ({', '.join(names)})"
    return [sentence.format(counted)] if names else []
