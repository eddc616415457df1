"""Look for better parameters of a family's model, a few trials at a time.

A trial learns on the older of a night's training days, stops on the newest of them, and is judged
on the days that the night's own model stops on: in time order, and never on its test day. Trial 0
is the family as it stands. The others are proposed by a tree-structured Parzen estimator (Bergstra
et al. 2011) that is told the trials of the rounds before its own, so those of one round can run
side by side. Whoever runs them again, on however many workers, gets the same trials.
"""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd

from ml.encoding import encode_rows
from ml.family import Knob, ModelRecipe
from ml.metrics import auc, log_losses, normalized_entropy, number
from ml.sampling import index, undo_thinning
from ml.training import THREADS, fit

ROUND = 4
"""Trials that do not wait for one another."""

RANDOM_TRIALS = 8
"""Trials that look anywhere, before the others look near the best."""


class SearchRefused(ValueError):
    """Raised when a family's space and its recipe do not fit together."""


def trials_before(trial: int) -> range:
    """The trials of the rounds before that of ``trial``.

    >>> [list(trials_before(trial)) for trial in (0, 3, 4, 9)] == [[], [], [*range(4)], [*range(8)]]
    True
    """
    return range(trial // ROUND * ROUND)


def attempt(
    learn: list[Path],
    watch: list[Path],
    judge: list[Path],
    earlier: list[Path],
    *,
    recipe: ModelRecipe,
    space: tuple[Knob, ...],
    trial: int,
) -> dict:
    """``trial.json``, the parameters and how good they are, and ``losses.parquet`` row by row.

    ``learn``, ``watch`` and ``judge`` are examples to learn from, to stop on and to judge by,
    ``earlier`` the results of the trials before. Raises SearchRefused.
    """
    refuse_unfit(space, recipe)
    chosen = proposed([told(one) for one in earlier], recipe, space, trial)
    tried = dataclasses.replace(recipe, parameters=turned(recipe, chosen))
    model = fit(learn, watch, recipe=tried)
    judged = index(judge, "stop")
    if "model.txt" not in model or judged.empty:
        raise SearchRefused(
            "Expected examples that a model can be learnt from and judged by; found "
            f"{model['card.json'].get('untrained') or 'none to judge by'}"
        )
    labels = judged["label"].to_numpy()
    predicted = _predicted(model, judge, judged, tried)
    rows = judged[["listener", "label"]].assign(loss=log_losses(labels, predicted))
    result = {
        "trial": trial,
        "parameters": chosen,
        "normalized_entropy": number(normalized_entropy(labels, predicted)),
        "auc": number(auc(labels, predicted)),
        "trees": model["card.json"]["best_iteration"],
        "rows": len(judged),
        "day": judged["moment"].max().date().isoformat(),
    }
    return {"trial.json": result, "losses.parquet": rows}


def told(result: Path) -> dict:
    """What a trial says of itself."""
    return json.loads((result / "trial.json").read_text(encoding="utf-8"))


def refuse_unfit(space: tuple[Knob, ...], recipe: ModelRecipe) -> None:
    """Raise SearchRefused unless the recipe states every knob, at a value within its bounds."""
    stated = dict(recipe.parameters)
    for knob in space:
        value = stated.get(knob.name)
        if isinstance(value, str) or value is None or not knob.low <= value <= knob.high:
            raise SearchRefused(
                f"Expected the recipe's parameter {knob.name} between {knob.low} and {knob.high}, "
                f"where its search may look; found {value}. Change the recipe or the space."
            )


def proposed(
    earlier: list[dict], recipe: ModelRecipe, space: tuple[Knob, ...], trial: int
) -> dict[str, float]:
    """The values of the knobs that a trial tries, in three digits; those of the recipe first."""
    import optuna

    if trial == 0:
        stated = dict(recipe.parameters)
        return {knob.name: stated[knob.name] for knob in space}  # type: ignore[misc]
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    # Without a store and fed in order, a study is a function of its seed and of what it is told.
    seed = int(np.random.SeedSequence([recipe.seed, trial]).generate_state(1)[0])
    sampler = optuna.samplers.TPESampler(n_startup_trials=RANDOM_TRIALS, seed=seed)
    study = optuna.create_study(sampler=sampler, direction="minimize")
    bounds = {knob.name: _distribution(knob) for knob in space}
    for one in sorted(earlier, key=lambda one: one["trial"]):
        done = optuna.trial.create_trial(
            params=one["parameters"], distributions=bounds, value=one["normalized_entropy"]
        )
        study.add_trial(done)
    asked = study.ask(bounds).params
    return {knob.name: _rounded(asked[knob.name], knob) for knob in space}


def turned(recipe: ModelRecipe, chosen: dict[str, float]) -> tuple:
    """The recipe's parameters in their order, with the chosen values of the knobs."""
    return tuple((name, chosen.get(name, value)) for name, value in recipe.parameters)


def _distribution(knob: Knob):
    import optuna

    if knob.whole:
        return optuna.distributions.IntDistribution(int(knob.low), int(knob.high), log=knob.log)
    return optuna.distributions.FloatDistribution(knob.low, knob.high, log=knob.log)


def _rounded(value: float, knob: Knob) -> float:
    return int(value) if knob.whole else float(np.clip(float(f"{value:.3g}"), knob.low, knob.high))


def _predicted(
    model: dict, shards: list[Path], rows: pd.DataFrame, recipe: ModelRecipe
) -> np.ndarray:
    import lightgbm

    booster = lightgbm.Booster(model_str=model["model.txt"])
    matrix = encode_rows(shards, rows["position"].to_numpy(), model["card.json"])
    raw = np.asarray(booster.predict(matrix, num_threads=THREADS))
    return undo_thinning(raw, recipe.keep_negatives)
