"""What training costs beside LightGBM alone, on the same matrix: CPU, wall time, peak memory.

``python -m benchmarks.training [--rows 1000000] [--rounds 100] [--repeats 3] [--threads 1]``.

Ours is what ``TrainModel`` runs: ``ml.training.fit`` on Parquet files of examples, as the tasks
wrote them (14 days to learn and one to stop, one file each): reading, one order whatever the
sharding, vocabularies, encoding, training, importance, and writing the model.
LightGBM alone is a program that finds the finished float32 matrix, labels and vocabularies
worked out, in ``.npy`` files, and calls ``Dataset`` and ``train`` with the same parameters,
rounds, threads and early stopping. Both are whole processes and take turns; both must save the
same trees, byte for byte.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.processes import Samples, measure, say

BARS = {"CPU": 1.10, "wall": 1.10, "peak": 1.25}
DAYS = 14


def prepare(folder: Path, rows: int) -> None:
    """Write the examples as files, and the matrix that is the same to LightGBM."""
    import numpy as np

    from benchmarks.planted import RECIPE, day_of_examples
    from ml.encoding import encode_rows, fit_encoding
    from ml.sampling import index

    for number in range(DAYS + 1):
        day_of_examples(number, rows // DAYS).to_parquet(folder / f"day-{number:02d}.parquet")
    days = sorted(folder.glob("day-*.parquet"))
    learnt = index(days[:-1], "train")
    encoding = fit_encoding(days[:-1], learnt["position"].to_numpy(), RECIPE)
    (folder / "encoding.json").write_text(json.dumps(encoding))
    for name, shards in (("train", days[:-1]), ("stop", days[-1:])):
        rows_of_part = index(shards, name)
        matrix = encode_rows(shards, rows_of_part["position"].to_numpy(), encoding)
        np.save(folder / f"{name}.npy", matrix)
        np.save(folder / f"{name}-labels.npy", rows_of_part["label"].to_numpy())


def ours(folder: Path, rounds: int) -> None:
    """Train as the task does."""
    import dataclasses

    from benchmarks.planted import RECIPE
    from ml.training import fit

    days = sorted(folder.glob("day-*.parquet"))
    recipe = dataclasses.replace(RECIPE, rounds=rounds, patience=rounds)
    made = fit(days[:-1], days[-1:], recipe=recipe)
    (folder / "ours.txt").write_text(made["model.txt"])


def alone(folder: Path, rounds: int) -> None:
    """Call LightGBM on the finished matrix."""
    import lightgbm
    import numpy as np

    from benchmarks.planted import RECIPE

    encoding = json.loads((folder / "encoding.json").read_text())
    parameters = {
        "metric": "binary_logloss", "verbosity": -1, **dict(RECIPE.parameters),
        "objective": "binary", "deterministic": True, "force_row_wise": True,
        "seed": RECIPE.seed, "num_threads": 0,
    }
    learning = lightgbm.Dataset(
        np.load(folder / "train.npy"), np.load(folder / "train-labels.npy"),
        feature_name=encoding["features"],
        categorical_feature=[encoding["features"].index(name) for name in encoding["categorical"]],
    )
    stopping = learning.create_valid(
        np.load(folder / "stop.npy"), np.load(folder / "stop-labels.npy")
    )
    booster = lightgbm.train(
        parameters, learning, num_boost_round=rounds, valid_sets=[stopping],
        callbacks=[lightgbm.early_stopping(rounds, verbose=False)],
    )
    booster.save_model(folder / "alone.txt", num_iteration=booster.best_iteration)


def trees(path: Path) -> str:
    """A model's text up to the parameters that it was trained with."""
    return path.read_text().split("\nparameters:")[0]


def table(samples: dict[str, Samples]) -> str:
    """The figures, and whether they are within the bars."""
    (ours_cpu, ours_wall, ours_peak) = samples["ours"].typical()
    (alone_cpu, alone_wall, alone_peak) = samples["alone"].typical()
    lines = [f"{'':18}{'LightGBM alone':>16}{'ours':>10}{'ratio':>8}{'bar':>10}"]
    for what, one, other in [
        ("CPU", alone_cpu, ours_cpu), ("wall", alone_wall, ours_wall),
        ("peak", alone_peak, ours_peak),
    ]:
        unit = "MiB" if what == "peak" else "seconds"
        lines.append(f"{what + ' ' + unit:18}{one:>16.1f}{other:>10.1f}{other / one:>8.3f}"
                     f"{BARS[what]:>10.2f}")
    return "\n".join(lines)


def main() -> None:
    """Prepare, take turns, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where to work (a folder for passing files)")
    parser.add_argument("--only", choices=["prepare", "ours", "alone"], help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only:
        {"prepare": lambda: prepare(asked.folder, asked.rows),
         "ours": lambda: ours(asked.folder, asked.rounds),
         "alone": lambda: alone(asked.folder, asked.rounds)}[asked.only]()
        return
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        compare(Path(folder), asked)


def compare(folder: Path, asked: argparse.Namespace) -> None:
    """Run both ways in turn and print the table."""
    options = ["benchmarks.training", "--folder", str(folder), "--rounds", str(asked.rounds)]
    measure(Samples(), *options, "--only", "prepare", "--rows", str(asked.rows), threads=1)
    samples = {"alone": Samples(), "ours": Samples()}
    for number in range(asked.repeats):
        for kind in ("alone", "ours") if number % 2 == 0 else ("ours", "alone"):
            measure(samples[kind], *options, "--only", kind, threads=asked.threads)
        say(f"round {number + 1} of {asked.repeats} done")
    if trees(folder / "ours.txt") != trees(folder / "alone.txt"):
        sys.exit("the two trained different trees: the comparison is worth nothing")
    print(f"{asked.rows:,} x 60, {asked.rounds} rounds, {asked.threads} thread(s); the same trees")
    print(table(samples))


if __name__ == "__main__":
    main()
