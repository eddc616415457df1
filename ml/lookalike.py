"""Who resembles the listeners on a list: a model of being on it, against everybody else.

Listeners on the list (seeds) are told from all others by how they listen; those who resemble them
most and are not on it are the audience. Folds by a hash of the pseudonym see to it that nobody is
scored by a model that learnt from them, so seeds found among the best scores are a fair measure.
The score is the calibrated chance of being *on the list*, not of resembling it: of 1,000 alike, of
whom 500 are listed, everybody's is one half. As long as the listed are a fair sample of those
alike, its order is that of the chance of being alike (Elkan and Noto 2008, Learning Classifiers
from Only Positive and Unlabeled Data).
"""

import dataclasses

import numpy as np
import pandas as pd

from ml.calibration import fit_calibration, predict
from ml.family import ModelRecipe
from ml.training import fit

FOLDS = 10
FOLD_KEY = "lookalike folds "
PARAMETERS = (
    ("learning_rate", 0.05),
    ("num_leaves", 7),
    ("extra_trees", True),
    ("min_data_in_leaf", 20),
    ("feature_fraction", 0.5),
    ("bagging_fraction", 0.8),
    ("bagging_freq", 1),
    ("lambda_l2", 1.0),
)
"""Small trees cut at random (Geurts et al. 2006, Extremely Randomized Trees): from lists of 60 and
150 seeds in three worlds they found more than larger trees with best cuts, as well calibrated."""

ROUNDS, PATIENCE = 400, 30


def recipe_of(family: ModelRecipe) -> ModelRecipe:
    """How a lookalike learns from the features of a family's model."""
    return dataclasses.replace(
        family, objective="binary", parameters=PARAMETERS, rounds=ROUNDS, patience=PATIENCE,
        keep_negatives=1.0,
    )  # fmt: skip


def scores(
    listeners: pd.DataFrame, is_seed: np.ndarray, recipe: ModelRecipe
) -> np.ndarray:
    """The chance that each listener is on the list, from a model that has not seen them.

    ``listeners`` are candidates of the family, one row each. Each fold is scored by trees grown
    on eight others, stopped and calibrated on the ninth. Neither the order of rows nor other
    columns matter. Raises ValueError when a fold's model cannot be learnt: too few seeds.
    """
    rows = listeners.assign(label=is_seed.astype(np.int64))
    folds = fold_of(listeners["listener"])
    found = np.full(len(rows), np.nan)
    for fold in range(FOLDS):
        watched = folds == (fold + 1) % FOLDS
        learnt = ~watched & (folds != fold)
        model = _model(rows[learnt], rows[watched], recipe)
        found[folds == fold] = predict(*model, rows[folds == fold], recipe)
    return found


def fold_of(listeners: pd.Series) -> np.ndarray:
    """The fold of each listener, by a hash of the pseudonym."""
    names = listeners.to_numpy(dtype=object)
    hashed = pd.util.hash_array(names, hash_key=FOLD_KEY, categorize=False)
    return (hashed % np.uint64(FOLDS)).astype(np.int64)


def _model(
    learnt: pd.DataFrame, watched: pd.DataFrame, recipe: ModelRecipe
) -> tuple[dict, dict]:
    model = fit([learnt], [watched], recipe=recipe)
    if "model.txt" not in model:
        raise ValueError(f"A lookalike's fold cannot be learnt: {model['card.json']['untrained']}")
    return model, fit_calibration(model, [watched], recipe=recipe)
