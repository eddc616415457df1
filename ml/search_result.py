"""What a search found: a suggestion to review, and the history that led to it."""

from html import escape
from pathlib import Path

import pandas as pd

from ml.family import Knob, ModelRecipe
from ml.intervals import interval, normalized_entropy_draws, resample
from ml.search import told, turned

DRAWS = 200
WIDTH, HEIGHT, MARGIN = 640, 260, 44


def suggest(
    trials: list[Path], *, recipe: ModelRecipe, space: tuple[Knob, ...], family_name: str
) -> dict:
    """``suggestion.txt`` to paste into the family's file, ``best.json``, and the history.

    The history is ``trials.parquet``, a row a trial with its parameters, and ``history.svg``.
    ``best.json`` compares the best trial with trial 0, the family as it stands: the difference of
    normalized entropy with a 95 % interval, paired, by listener.
    """
    history = _history(trials)
    at = int(history["normalized_entropy"].argmin())
    best, current = told(trials[at]), told(trials[0])
    gain = _difference(trials[at], trials[0])
    words = in_words(family_name, best, current, gain, len(trials))
    suggested = turned(recipe, {knob.name: best["parameters"][knob.name] for knob in space})
    return {
        "suggestion.txt": "\n".join([*(f"# {line}" for line in words), *as_code(suggested), ""]),
        "best.json": {"best": best, "current": current, "difference": gain, "words": words},
        "trials.parquet": history,
        "history.svg": drawn(history, family_name),
    }


def _history(trials: list[Path]) -> pd.DataFrame:
    rows = [told(one) for one in trials]
    frame = pd.DataFrame([one | one["parameters"] for one in rows]).drop(columns="parameters")
    return frame.assign(best_so_far=frame["normalized_entropy"].cummin())


def _difference(best: Path, current: Path) -> dict:
    one, other = (pd.read_parquet(path / "losses.parquet") for path in (best, current))
    gaps = (one["loss"] - other["loss"]).to_numpy()
    labels = one["label"].to_numpy()
    draws = normalized_entropy_draws(labels, gaps, 2, resample(one["listener"], DRAWS, seed=7))
    return interval(told(best)["normalized_entropy"] - told(current)["normalized_entropy"], draws)


def in_words(family: str, best: dict, current: dict, gain: dict, trials: int) -> list[str]:
    """The finding in sentences: what was compared, by how much, and what it is worth."""
    if best["trial"] == 0:
        return [f"{family}: none of {trials} trials did better than the family as it stands."]
    sure = gain["high"] is not None and gain["high"] < 0
    return [
        f"{family}: normalized entropy {current['normalized_entropy']:.4f} -> "
        f"{best['normalized_entropy']:.4f} on {best['rows']:,} examples of {best['day']}, which no "
        "trial learnt from.",
        f"The difference is {_signed(gain)}: "
        + ("more than chance." if sure else "it may be chance; keep the parameters as they are."),
        f"It is the best of {trials} trials chosen on these same examples: expect less tomorrow.",
    ]


def _signed(gain: dict) -> str:
    if gain["low"] is None:
        return f"{gain['value']:+.4f}"
    return f"{gain['value']:+.4f} (95 % interval {gain['low']:+.4f} to {gain['high']:+.4f})"


def as_code(parameters: tuple) -> list[str]:
    """Parameters as they are written in a family's file.

    >>> print(*as_code((("num_leaves", 31), ("boosting", "gbdt"))), sep="")
    parameters=(    ("num_leaves", 31),    ("boosting", "gbdt"),),
    """
    shown = [f'"{value}"' if isinstance(value, str) else f"{value}" for _, value in parameters]
    lines = [
        f'    ("{name}", {value}),' for (name, _), value in zip(parameters, shown, strict=True)
    ]
    return ["parameters=(", *lines, "),"]


def drawn(history: pd.DataFrame, family: str) -> str:
    """An SVG: a dot a trial in the order they were tried, and the best so far as a line."""
    figures = history["normalized_entropy"]
    low, high = figures.min(), figures.quantile(0.9)
    room = max(high - low, 1e-9)
    across = (WIDTH - 2 * MARGIN) / max(len(history) - 1, 1)

    def place(trial: int, figure: float) -> tuple[str, str]:
        height = min(max((figure - low) / room, 0), 1) * (HEIGHT - 2 * MARGIN)
        return f"{MARGIN + trial * across:.1f}", f"{HEIGHT - MARGIN - height:.1f}"

    dots = [place(trial, figure) for trial, figure in enumerate(figures)]
    line = [place(trial, figure) for trial, figure in enumerate(history["best_so_far"])]
    marks = "".join(f'<circle cx="{x}" cy="{y}" r="3.5" fill="#4c72b0"/>' for x, y in dots)
    path = " ".join(f"{x},{y}" for x, y in line)
    name = escape(family)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Normalized entropy of {len(history)} trials for {name}" '
        'font-family="sans-serif" font-size="12">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
        f'<text x="{MARGIN}" y="20">Normalized entropy by trial, {name}: best {low:.4f}</text>'
        f'<text x="4" y="{HEIGHT - MARGIN}">{low:.4f}</text><text x="4" y="{MARGIN}">{high:.4f}'
        f'</text><polyline points="{path}" fill="none" stroke="#c44e52"/>{marks}'
        f'<text x="{MARGIN}" y="{HEIGHT - 12}">trial 0 to {len(history) - 1}; the line is the '
        "best so far</text></svg>"
    )
