"""A million listeners: discovery and assignment, beside scikit-learn's plain pipeline.

    python -m benchmarks.segment_million [--listeners 1000000]

Features are given. They are those of 1,500 listeners of the listening world, drawn again and
again with noise on every number, so that no two listeners are alike. *Setlist* is what the tasks
do with features: choosing method and number, defining, labelling, training on those it learns
from (views of few sessions, too), calibrating, the answer for everybody, hysteresis against last
night, reasons. *Plain* is ``StandardScaler`` and ``KMeans`` (told the number of segments) on the
same matrix, and its nearest centers for everybody. Each is a process of its own.
"""

import argparse
import datetime as dt
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.processes import Samples, measure, say

NIGHT = dt.date(2026, 1, 28)
THREADS = 2
STAGES = ("setlist", "plain")
NOISE = 0.15


def main() -> None:
    """Prepare the features, run both, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listeners", type=int, default=1_000_000)
    parser.add_argument("--stage", choices=STAGES)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.stage:
        {"setlist": ours, "plain": plain}[asked.stage](asked.folder)
        return
    with tempfile.TemporaryDirectory() as folder:
        _prepare(Path(folder), asked.listeners)
        print(f"| {asked.listeners:,} listeners | CPU s | wall s | peak MiB |")
        print("|---|---|---|---|")
        for stage in STAGES:
            samples = Samples()
            measure(samples, "benchmarks.segment_million", "--stage", stage, "--folder", folder,
                    threads=THREADS)  # fmt: skip
            cpu, wall, peak = samples.typical()
            print(f"| {stage} | {cpu:.0f} | {wall:.0f} | {peak:,} |", flush=True)


def _prepare(folder: Path, listeners: int) -> None:
    """``everybody.parquet`` (candidates), ``views.parquet`` (examples), halves, in ``folder``."""
    from ml.families.user_segmentation import USER_SEGMENTATION as FAMILY
    from ml.features import listening
    from ml.segments import assignment
    from ml.segments.observed import SAMPLE, WINDOW, observe
    from ml.world import World, generate_day

    world, history = World(), []
    for back in reversed(range(WINDOW)):
        day = NIGHT - dt.timedelta(back)
        tables = generate_day(world, day)
        history.append(FAMILY.summarise(day=day, listens=tables["listens.parquet"],
                                        tracks=tables["tracks.parquet"]))  # fmt: skip
    seen = observe(history, NIGHT, None)
    frozen = {"vocabulary": seen.vocabulary}
    visible = assignment.visible_features(listening.gather(history), NIGHT, frozen)
    visible = visible.loc[seen.features.index]
    rng = np.random.default_rng(7)
    drawn = rng.integers(0, len(visible), listeners)
    names = [f"{number:016x}" for number in rng.permutation(listeners)]
    everybody = _varied(visible, drawn, rng).set_axis(pd.Index(names, name="listener"))
    everybody.reset_index().to_parquet(folder / "everybody.parquet")
    places = rng.integers(0, len(seen.halves[0]), SAMPLE)
    for number, half in enumerate(seen.halves):
        _varied(half, places, rng).to_parquet(folder / f"half-{number}.parquet")
    hours = seen.hours.iloc[drawn].set_axis(everybody.index)
    hours.to_parquet(folder / "hours.parquet")
    (folder / "vocabulary.json").write_text(pd.Series(seen.vocabulary).to_json())
    say(f"{listeners:,} listeners x {everybody.shape[1]} features are prepared")


def _varied(frame: pd.DataFrame, rows: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """``rows`` of the frame with noise: a share of each column's spread, kept in its range."""
    chosen = frame.iloc[rows].reset_index(drop=True)
    for name in chosen.select_dtypes("number"):
        values = frame[name].to_numpy(dtype=float)
        spread = float(np.nanstd(values)) if np.isfinite(values).any() else 0.0
        noisy = chosen[name].to_numpy() + NOISE * spread * rng.normal(size=len(chosen))
        chosen[name] = np.clip(noisy, np.nanmin(values, initial=0), np.nanmax(values, initial=0))
    return chosen


def ours(folder: Path) -> None:
    """Discovery and assignment of everybody, as the tasks do them."""
    import json

    from ml import calibration, training
    from ml.families.user_segmentation import USER_SEGMENTATION as FAMILY
    from ml.scoring import score
    from ml.segments import assignment, membership, renaming
    from ml.segments.definitions import define
    from ml.segments.frozen import closest
    from ml.segments.observed import Observed, drawn

    clock = _Clock()
    everybody = pd.read_parquet(folder / "everybody.parquet").set_index("listener")
    halves = tuple(pd.read_parquet(folder / f"half-{number}.parquet") for number in (0, 1))
    vocabulary = json.loads((folder / "vocabulary.json").read_text())
    hours = pd.read_parquet(folder / "hours.parquet")
    features = everybody[[name for name in halves[0] if name in everybody]]
    seen = Observed(features, hours, (halves[0], halves[1]), vocabulary, len(features), True)
    clock.lap("read")
    definitions = define(seen, NIGHT)
    frozen = definitions["definitions.json"]
    clock.lap(f"define ({frozen['quality']['method']}, {frozen['quality']['k']})")
    learners = drawn(everybody.index, assignment.LEARNERS)
    rows = _examples(everybody.loc[learners], closest(features.loc[learners], frozen)["label"],
                     frozen)  # fmt: skip
    model = training.fit([rows], [rows], definitions, recipe=FAMILY.model)
    fitted = calibration.fit_calibration(model=model, stop=[rows], recipe=FAMILY.model)
    clock.lap(f"train on {len(rows):,} rows")
    asked = everybody.reset_index().assign(enough_evidence=True)
    live = {**model, **fitted, "live.json": {"live_day": NIGHT.isoformat()}}
    scores = score(live, asked, recipe=FAMILY.model, keys=FAMILY.keys, settle=FAMILY.settle)
    clock.lap("answer for everybody")
    names = renaming.name_segments(definitions)
    first = membership.assign(scores, names, night=NIGHT - dt.timedelta(1), margin=0.2)
    found = membership.explained(scores, asked, definitions, names, [first], night=NIGHT,
                                 margin=FAMILY.hysteresis)  # fmt: skip
    found.to_parquet(folder / "membership.parquet")
    clock.lap("hysteresis, reasons, writing")


def _examples(learners: pd.DataFrame, labels: pd.Series, frozen: dict) -> pd.DataFrame:
    """As `assignment.examples`: four views of each learner, here of the same features."""
    from ml.segments import assignment

    views = [*assignment.SESSIONS.values(), assignment.WHOLE]
    ids = dict(enumerate(one["id"] for one in frozen["segments"]))
    one = learners.reset_index().assign(label=labels.to_numpy(dtype=np.int64))
    one = one.assign(part=assignment.part_of(one["listener"]),
                     class_name=one["label"].map(ids).astype("str"),
                     moment=pd.Timestamp(NIGHT).as_unit("ms"))  # fmt: skip
    rows = pd.concat([one.assign(evidence=view) for view in views], ignore_index=True)
    return rows.sort_values("listener", kind="stable", ignore_index=True)


def plain(folder: Path) -> None:
    """Standardised k-means on the same matrix."""
    from sklearn.cluster import KMeans
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    clock = _Clock()
    columns = list(pd.read_parquet(folder / "half-0.parquet"))
    matrix = pd.read_parquet(folder / "everybody.parquet", columns=columns).fillna(0.0).to_numpy()
    clock.lap("read")
    pipeline = make_pipeline(StandardScaler(copy=False),
                             KMeans(n_clusters=6, n_init=10, random_state=7))  # fmt: skip
    labels = pipeline.fit_predict(matrix)
    np.save(folder / "labels.npy", labels)
    clock.lap("StandardScaler, KMeans with ten starts")


class _Clock:
    """Says what each step took."""

    def __init__(self) -> None:
        self.last = time.perf_counter()

    def lap(self, what: str) -> None:
        now = time.perf_counter()
        say(f"  {what}: {now - self.last:.0f} s")
        self.last = now


if __name__ == "__main__":
    sys.exit(main())
