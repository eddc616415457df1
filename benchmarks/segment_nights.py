"""Do listeners keep their segment from night to night? Beside clustering anew every night.

    python -m benchmarks.segment_nights [--listeners 1500] [--nights 28] [--seed 7]

Consecutive nights on the listening world, as the tasks run them: examples, training,
calibration, assignment with hysteresis; definitions are discovered on the first night and again
28 days later. Only listeners whose planted habit does not change are counted. *Clustering anew*
discovers every night and takes the labels as they come, then after the best matching of the
labels of both nights (which needs both nights to be known).
"""

import argparse
import datetime as dt
import itertools

import numpy as np
import pandas as pd

from benchmarks.processes import say
from ml import calibration, training
from ml.families.user_segmentation import USER_SEGMENTATION as FAMILY
from ml.features import listening
from ml.scoring import class_columns
from ml.segments import assignment
from ml.segments.definitions import discover
from ml.segments.frozen import labels_of
from ml.segments.membership import settled
from ml.segments.observed import WINDOW
from ml.world import World, generate_day, truth


def main() -> None:
    """Run the nights and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listeners", type=int, default=1500)
    parser.add_argument("--nights", type=int, default=28)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    world = World(listeners=asked.listeners, seed=asked.seed)
    days = [world.first_day + dt.timedelta(n) for n in range(WINDOW + asked.nights)]
    history = [_summary(world, day) for day in days]
    say(f"{len(history)} days are summarised")
    nights = [_Night(days[n], history[n - WINDOW + 1 : n + 1])
              for n in range(WINDOW - 1, len(days))]  # fmt: skip
    print(table(list(_lived(nights)), _drifters(world)))


class _Night:
    """A night's window of history."""

    def __init__(self, day: dt.date, history: list):
        self.day, self.history = day, history
        self.window = listening.totals(listening.gather(history), day, WINDOW)


def _summary(world: World, day: dt.date) -> dict:
    tables = generate_day(world, day)
    return FAMILY.summarise(day=day, listens=tables["listens.parquet"],
                            tracks=tables["tracks.parquet"])  # fmt: skip


def _drifters(world: World) -> set[str]:
    spells = truth(world)["segments.parquet"]
    return set(spells.loc[spells["listener"].duplicated(), "listener"])


def _lived(nights: list[_Night]):
    """Each night's answers: with and without the margin, and clustered anew."""
    definitions, kept, eager = None, pd.Series(dtype="str"), pd.Series(dtype="str")
    for number, night in enumerate(nights):
        if number % FAMILY.discover_every == 0:
            definitions = discover(history=night.history, as_of=night.day, previous=definitions)
        scores = _scores(night, definitions)
        before = kept.reindex(scores.index).fillna("").astype("str")
        kept, _ = settled(scores, before, FAMILY.hysteresis)
        eager = scores["segment"]
        anew = labels_of(night.window, discover(history=night.history, as_of=night.day)
                         ["definitions.json"])  # fmt: skip
        say(f"{night.day}: {len(kept):,} listeners, {anew.nunique()} segments anew")
        yield {"day": night.day, "kept": kept, "eager": eager, "anew": anew,
               "redefined": number > 0 and number % FAMILY.discover_every == 0}  # fmt: skip


def _scores(night: _Night, definitions: dict) -> pd.DataFrame:
    asked = {"day": night.day, "history": night.history, "definitions": definitions}
    rows, everybody = assignment.examples(**asked), assignment.candidates(**asked)
    model = training.fit([rows], [rows], definitions, recipe=FAMILY.model, threads=1)
    fitted = calibration.fit_calibration(model=model, stop=[rows], recipe=FAMILY.model)
    probabilities = calibration.predict(model, fitted, everybody, FAMILY.model)
    columns = class_columns(probabilities, model["card.json"]["classes"])
    scored = everybody[["listener", "enough_evidence"]].assign(**columns)
    return assignment.answers(scored).set_index("listener")


def table(nights: list[dict], drifters: set[str]) -> str:
    """The share of steady listeners that kept their segment, by way of assigning them."""
    ways = {"definitions frozen, model, margin (Setlist)": ("kept", _same),
            "the same without the margin": ("eager", _same),
            "clustering anew, labels as they come": ("anew", _same),
            "clustering anew, labels matched": ("anew", _matched)}  # fmt: skip
    lines = ["| | mean | worst night | on the night of a new discovery |", "|---|---|---|---|"]
    for title, (column, judge) in ways.items():
        usual, redefined = [], []
        for before, now in itertools.pairwise(nights):
            share = judge(*_steady(before[column], now[column], drifters))
            (redefined if now["redefined"] else usual).append(share)
        late = f"{100 * np.mean(redefined):.1f} %" if redefined else "none in these nights"
        lines.append(f"| {title} | {100 * np.mean(usual):.1f} % | {100 * min(usual):.1f} % | "
                     f"{late} |")  # fmt: skip
    return "\n".join(lines)


def _steady(before: pd.Series, now: pd.Series, drifters: set[str]) -> tuple[pd.Series, pd.Series]:
    """The answers of both nights for those whose habit stayed and who had one on both."""
    both = pd.concat([before.rename("before"), now.rename("now")], axis=1).dropna()
    known = both[~both.isin([assignment.UNKNOWN]).any(axis=1) & ~both.index.isin(drifters)]
    return known["before"], known["now"]


def _same(before: pd.Series, now: pd.Series) -> float:
    return float((before == now).mean())


def _matched(before: pd.Series, now: pd.Series) -> float:
    from scipy.optimize import linear_sum_assignment

    counts = pd.crosstab(before, now).to_numpy()
    rows, columns = linear_sum_assignment(-counts)
    return float(counts[rows, columns].sum() / counts.sum())


if __name__ == "__main__":
    main()
