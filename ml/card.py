"""What a model's card says of it beside its encoding: what it was made of, what it uses."""

import numpy as np
import pandas as pd

from ml.family import ModelRecipe


def importance(booster, features: list[str]) -> list[dict]:
    """Total gain and number of splits per feature of the saved trees, largest gain first."""
    best = booster.best_iteration
    gains = booster.feature_importance("gain", iteration=best)
    splits = booster.feature_importance("split", iteration=best)
    shares = gains / max(gains.sum(), 1e-12)
    rows = [
        {"feature": name, "gain": float(gain), "share": round(float(share), 6), "splits": int(n)}
        for name, gain, share, n in zip(features, gains, shares, splits, strict=True)
    ]
    return sorted(rows, key=lambda row: (-row["gain"], row["feature"]))


def facts(
    learnt: pd.DataFrame, watched: pd.DataFrame, used: pd.DataFrame,
    recipe: ModelRecipe, classes: list[str] | None,
) -> dict:
    """Rows, rates, classes and days of what a model learnt from and stopped on."""
    counts = np.bincount(learnt["label"], minlength=len(classes or ("no", "yes")))
    return {
        "objective": recipe.objective,
        "rows": len(learnt),
        "rows_used": len(used),
        "rows_stop": len(watched),
        "positives": int(counts[1]) if classes is None else None,
        "base_rate": float(counts[1] / len(learnt)) if classes is None else None,
        "class_rates": None if classes is None else [float(n / len(learnt)) for n in counts],
        "classes": classes,
        "keep_negatives": recipe.keep_negatives,
        "seed": recipe.seed,
        "train_days": _span(learnt),
        "stop_days": _span(watched),
    }


def _span(rows: pd.DataFrame) -> list[str]:
    moments = rows["moment"]
    return [moments.min().date().isoformat(), moments.max().date().isoformat()]
