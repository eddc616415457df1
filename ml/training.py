"""Fit a family's model: gradient boosted trees, the same bytes for the same examples.

LightGBM is told to be deterministic, rows come in canonical order, and the lines of its text that
depend on machines (threads, addresses) are pinned, so a model's digest is its trees'.
"""

import hashlib
import logging
import re
from pathlib import Path

import pandas as pd

from ml.card import facts, importance
from ml.encoding import fit_encoding
from ml.family import ModelRecipe
from ml.learning import learning_set, stopping_set
from ml.progress import progress
from ml.ranks import Alone, Peers, refuse_disagreement
from ml.ranks import parameters as parameters_of
from ml.sampling import index, thin_negatives

log = logging.getLogger(__name__)

THREADS = 0
"""Zero leaves the number of threads to OpenMP (``OMP_NUM_THREADS``); it never changes a model."""

METRICS = {"binary": "binary_logloss", "multiclass": "multi_logloss"}

IRREPRODUCIBLE = {
    "use_quantized_grad": "quantized gradients differ between numbers of threads",
    "linear_tree": "linear trees differ between two equal runs",
    "linear_trees": "linear trees differ between two equal runs",
    "goss": "gradient-based one-side sampling differs between numbers of threads",
}
MACHINE = {"num_threads", "num_thread", "nthread", "nthreads", "n_jobs", "device", "device_type",
           "machines", "num_machines", "local_listen_port", "time_out"}  # fmt: skip
PLAIN = {"num_threads": "0", "machines": "", "local_listen_port": "12400", "time_out": "120"}
"""What the model's text says of machines: LightGBM's defaults."""

OURS = {"objective", "num_class", "seed", "deterministic", "force_row_wise", "num_iterations"}


class TrainingRefused(ValueError):
    """Raised when a recipe or its examples are wrong: what is learnt could not be repeated."""


def fit(
    train: list[Path] | list[pd.DataFrame],
    stop: list[Path] | list[pd.DataFrame],
    definitions: dict | None = None,
    *,
    recipe: ModelRecipe,
    threads: int = THREADS,
    ranks: int = 1,
    peers: Peers | None = None,
) -> dict:
    """``model.txt`` (LightGBM's text, best iteration only) and ``card.json`` (what it was made of).

    ``train`` and ``stop`` are examples in any number of shards, of which files are read a piece at
    a time; boosting ends when the log loss on ``stop`` has not improved for ``recipe.patience``
    rounds. ``definitions`` names the classes of a family with discovered segments. Examples that
    teach nothing (there are none, or all are alike) give a card alone, whose ``untrained`` says
    why: a young source is no failure. A column ``weight`` weighs training rows (ml.delay). Several
    ``ranks`` are as many processes that call this at the same time, know each other as ``peers``
    (ml.ranks) and return the same. Raises TrainingRefused, EncodingRefused and RanksDisagree.
    """
    peers = peers or Alone()
    refuse_irreproducible(recipe)
    refuse_other_ranks(ranks, peers)
    learnt, watched = index(train, "train"), index(stop, "stop")
    if reason := unlearnable(learnt, watched, definitions):
        return {"card.json": {"untrained": reason, "rows": len(learnt), "rows_stop": len(watched)}}
    refuse_mislabelled(learnt, recipe)
    encoding = fit_encoding(train, learnt["position"].to_numpy(), recipe)
    classes = class_names(definitions, learnt) if recipe.objective == "multiclass" else None
    used = thin_negatives(learnt, recipe).drop(columns="listener")
    made_of = facts(learnt, watched, used, recipe, classes)
    listeners = int(learnt["listener"].nunique())
    log.info("event=fit rows=%d used=%d", len(learnt), len(used))
    del learnt  # the matrix is large enough
    parameters = {**_parameters(recipe, classes, threads), **parameters_of(peers)}
    learning = learning_set(train, used, encoding, parameters, listeners, recipe, peers)
    stopping = stopping_set(learning, stop, watched, encoding, recipe, parameters)
    booster = _boost(learning, stopping, recipe, parameters)
    card = {
        **made_of,
        **encoding,
        "best_iteration": booster.best_iteration or booster.current_iteration(),
        "importance": importance(booster, encoding["features"]),
    }
    log.info("event=fitted best_iteration=%d", card["best_iteration"])
    text = _pinned(booster)
    refuse_disagreement(hashlib.sha256(text.encode()).hexdigest(), peers)
    return {"model.txt": text, "card.json": card}


def refuse_other_ranks(ranks: int, peers: Peers) -> None:
    """Raise TrainingRefused when there are not as many processes as the recipe says."""
    if ranks != peers.count:
        raise TrainingRefused(
            f"Expected {ranks} ranks, as many processes that learn together; found {peers.count}. "
            "A task says how many it needs with its attribute `ranks`."
        )


def refuse_irreproducible(recipe: ModelRecipe) -> None:
    """Raise TrainingRefused for parameters that break determinism or belong to a machine."""
    for name, value in recipe.parameters:
        reason = IRREPRODUCIBLE.get("goss" if str(value).lower() == "goss" else name)
        if reason and value:
            raise TrainingRefused(f"The parameter {name}={value} is refused: {reason}. Remove it.")
        if name in MACHINE:
            raise TrainingRefused(
                f"The parameter {name}={value} is refused: it describes a machine, not a model. "
                "Set OMP_NUM_THREADS where the model is trained instead."
            )
        if name in OURS:
            raise TrainingRefused(
                f"The parameter {name}={value} is refused: it is set from the recipe's own fields. "
                "Use objective, seed and rounds of ModelRecipe instead."
            )


def unlearnable(learnt: pd.DataFrame, watched: pd.DataFrame, definitions: dict | None) -> str:
    """Why nothing can be learnt from these examples, in words; "" when something can."""
    frozen = {} if definitions is None else definitions["definitions.json"]
    if definitions is not None and not frozen["segments"]:
        return " ".join(["No segments are defined yet.", *frozen.get("notes", [])])
    for rows, days in ((learnt, "train on"), (watched, "stop and calibrate on")):
        if rows.empty:
            return (
                f"There are no examples on the days to {days}. "
                "Check that these days were ingested and that listeners consented."
            )
    if learnt["label"].nunique() < 2:
        return (
            f"All {len(learnt):,} training examples are labelled {learnt['label'].iloc[0]}. "
            "Widen the training window, or check that outcomes arrive."
        )
    return ""


def refuse_mislabelled(learnt: pd.DataFrame, recipe: ModelRecipe) -> None:
    """Raise TrainingRefused when a binary model is given labels other than 0 and 1."""
    labels = sorted(map(int, learnt["label"].unique()))
    if recipe.objective == "binary" and labels != [0, 1]:
        raise TrainingRefused(f"Expected labels 0 and 1; found {labels[:5]}.")


def class_names(definitions: dict | None, learnt: pd.DataFrame) -> list[str]:
    """Names of the classes by label: the ids of the definitions' segments, or the labels."""
    if definitions is None:
        return [str(label) for label in range(int(learnt["label"].max()) + 1)]
    segments = definitions["definitions.json"]["segments"]
    if learnt["label"].max() >= len(segments):
        raise TrainingRefused(
            f"Expected labels below {len(segments)}, the number of defined segments; found "
            f"{learnt['label'].max()}. Build the examples from the same definitions."
        )
    return [str(segment["id"]) for segment in segments]


def _boost(learning, stopping, recipe: ModelRecipe, parameters: dict):
    import lightgbm

    return lightgbm.train(
        parameters,
        learning,
        num_boost_round=recipe.rounds,
        valid_sets=[stopping],
        valid_names=["stop"],
        callbacks=[
            lightgbm.early_stopping(recipe.patience, first_metric_only=True, verbose=False),
            _told,
        ],
    )


def _told(state) -> None:
    """Say now and then how many trees there are; LightGBM asks after each."""
    done, most = state.iteration + 1, state.end_iteration
    if done % 20 == 0:
        progress(f"tree {done} of at most {most}", done / most)


def _parameters(recipe: ModelRecipe, classes: list[str] | None, threads: int) -> dict:
    return {
        "metric": METRICS[recipe.objective],
        "verbosity": -1,
        **dict(recipe.parameters),
        "objective": recipe.objective,
        **({"num_class": len(classes)} if classes else {}),
        "deterministic": True,
        "force_row_wise": True,
        "seed": recipe.seed,
        "num_threads": threads,
    }


def _pinned(booster) -> str:
    """The model's text, with the lines about machines as if there were none."""
    text = booster.model_to_string(num_iteration=booster.best_iteration)
    for name, plain in PLAIN.items():
        text = re.sub(rf"(?m)^\[{name}: .*\]$", f"[{name}: {plain}]", text)
    return text
