"""Are the planted segments found? ``python -m benchmarks.segments_recovery [--quick]``

Adjusted Rand index against the truth of the listening world, of listeners with 20 plays or more
who did not change their ways inside the window, on the very same features:

  plain        scikit-learn's StandardScaler and KMeans, told that there are six segments
  silhouette   the same, with the number of segments of the best silhouette
  k-means      KMeans on our scale (robust, shares by their root), told the number discovery chose
  discovery    ml.segments.definitions.discover, told nothing
  ceiling      a logistic regression that knows the truth of the others, five-fold

``errors`` is what discovery leaves of plain k-means' distance to the truth.
"""

import argparse
import datetime as dt
import time

import numpy as np
import pandas as pd

from ml.features import listening, listening_day
from ml.segments.definitions import WINDOW, discover
from ml.segments.frozen import features_of, labels_of
from ml.world import World, generate_day, truth

LAST = dt.date(2026, 1, 28)
PLANTED = 6
HEADER = ("listeners", "seed", "days", "judged", "plain", "silhouette (k)", "k-means", "discovery",
          "ceiling", "errors", "k", "method", "stability", "usefulness", "seconds")  # fmt: skip


def lived(world: World, last: dt.date = LAST, days: int = WINDOW) -> list[dict[str, pd.DataFrame]]:
    """The summaries of the ``days`` up to and including ``last``."""
    history = []
    for back in range(days):
        tables = generate_day(world, last - dt.timedelta(back))
        by_name = {name.split(".")[0]: table for name, table in tables.items()}
        summary = listening_day.summarise(
            last - dt.timedelta(back), by_name["listens"], by_name["tracks"]
        )
        history.append(summary)
    return history


def planted(world: World, last: dt.date = LAST, days: int = WINDOW) -> pd.Series:
    """The planted segment of everybody who did not change it within the window (index listener)."""
    spells = truth(world)["segments.parquet"]
    spells = spells[spells["since"] <= pd.Timestamp(last)]
    since = pd.Timestamp(last) - pd.Timedelta(days=days)
    newest = spells.drop_duplicates("listener", keep="last").set_index("listener")
    started = pd.Timestamp(world.first_day)
    steady = (newest["since"] <= since) | (newest["since"] == started)
    return newest.loc[steady, "segment"]


def plain_k_means(features: pd.DataFrame, k: int) -> tuple[np.ndarray, float]:
    """Labels, and their silhouette, of scikit-learn's plain pipeline on ``features``."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score
    from sklearn.preprocessing import StandardScaler

    complete = features.fillna(features.median()).dropna(axis=1)
    points = StandardScaler().fit_transform(complete)
    labels = KMeans(n_clusters=k, n_init=10, random_state=0).fit_predict(points)
    return labels, float(silhouette_score(points, labels))


def measure(world: World, days: int) -> dict:
    """One row of the table."""
    history = lived(world, days=days)
    began = time.process_time()
    definitions = discover(history=history, as_of=LAST)["definitions.json"]
    seconds = time.process_time() - began
    window = listening.totals(listening.gather(history), LAST, WINDOW)
    features = features_of(window, definitions)
    kinds = planted(world, days=days).reindex(features.index).dropna()
    quality = definitions["quality"]
    found = labels_of(window, definitions)
    plain = {k: plain_k_means(features, k) for k in range(2, 10)}
    best = max(plain, key=lambda k: plain[k][1])
    chosen = next(
        one
        for one in quality["candidates"]
        if (one["method"], one["k"]) == (quality["method"], quality["k"])
    )
    figure = {
        "plain": _ari(plain[PLANTED][0], features, kinds),
        "ours": _ari(found.to_numpy(), features, kinds),
    }
    return {
        "listeners": world.listeners,
        "seed": world.seed,
        "days": days,
        "judged": len(kinds),
        "plain": f"{figure['plain']:.3f}",
        "silhouette (k)": f"{_ari(plain[best][0], features, kinds):.3f} ({best})",
        "k-means": f"{_robust(features, definitions, kinds):.3f}",
        "discovery": f"{figure['ours']:.3f}",
        "ceiling": f"{_ceiling(features, definitions, kinds):.3f}",
        "errors": f"{(1 - figure['ours']) / (1 - figure['plain']):.0%}",
        "k": quality["k"],
        "method": quality["method"],
        "stability": f"{chosen['stability']:.3f}",
        "usefulness": f"{chosen['usefulness']:.3f}",
        "seconds": f"{seconds:.0f}",
    }


def agreement(labels: pd.Series, kinds: pd.Series) -> float:
    """Adjusted Rand index of ``labels`` with the planted ``kinds`` of the same listeners."""
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(kinds, labels[kinds.index]))


def _ari(labels: np.ndarray, features: pd.DataFrame, kinds: pd.Series) -> float:
    return agreement(pd.Series(labels, features.index), kinds)


def _robust(features: pd.DataFrame, definitions: dict, kinds: pd.Series) -> float:
    from ml import clustering
    from ml.scaling import scale

    points = scale(features, definitions["scaling"])
    groups = clustering.fit(points, definitions["quality"]["k"], 7)["k-means"]
    return _ari(groups.labels(points), features, kinds)


def _ceiling(features: pd.DataFrame, definitions: dict, kinds: pd.Series) -> float:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import adjusted_rand_score
    from sklearn.model_selection import cross_val_predict

    from ml.scaling import scale

    points = scale(features.loc[kinds.index], definitions["scaling"])
    model = LogisticRegression(C=0.1, max_iter=2000)
    return float(adjusted_rand_score(kinds, cross_val_predict(model, points, kinds, cv=5)))


def main() -> None:
    """Print the table, a row as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one small world")
    quick = parser.parse_args().quick
    print("| " + " | ".join(HEADER) + " |")
    print("|" + "---|" * len(HEADER))
    for listeners in (400,) if quick else (1500, 3000):
        for seed in (7,) if quick else (7, 1, 2):
            for days in (28, 7):
                row = measure(World(listeners=listeners, seed=seed), days)
                print("| " + " | ".join(str(row[name]) for name in HEADER) + " |", flush=True)


if __name__ == "__main__":
    main()
