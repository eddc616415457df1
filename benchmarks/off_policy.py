"""Do off-policy intervals hold the truth? ``python -m benchmarks.off_policy [WORLDS] [LISTENERS]``.

Every world is made anew from a seed of its own; models learn from its first days, and four later
days are answered. What a policy would earn at the same opportunities is known exactly there. The
table is printed again after every world.
"""

import sys
from collections import defaultdict

import numpy as np

from benchmarks.nights import OUTCOMES, Nights, nights
from ml.policies import OURS, chosen, estimate, expected, together
from ml.value import bids
from ml.world import World

LEARNT = range(2, 12)
JUDGED = (12, 13, 14, 15)
FIGURES = ("doubly_robust", "snips", "ips")
CLICKS = "the new model by click rate"


def world(seed: int, listeners: int) -> Nights:
    """The first days of a world, as far as labels and judged days reach."""
    return nights(World(listeners=listeners, artists=200, seed=seed), max(JUDGED) + 4)


def judged(town: Nights, number: int, models: tuple[dict, dict]) -> list[tuple]:
    """Policy, figure, estimate with its interval, and the truth, of one day."""
    made, calibrations = models
    rows = together([town.alternatives(number)])
    campaigns = [town.tables[number]["campaigns"]]
    found = estimate(
        [rows], made, calibrations, campaigns=campaigns, outcomes=OUTCOMES,
        family_name="ad_targeting", night=town.day(number + 1), test_days=[town.day(number)],
    )["off_policy.json"]  # fmt: skip
    true, tonight = town.true_values(number, rows, 1), {n: (made[n], calibrations[n]) for n in made}
    wishes = {OURS: expected(rows, tonight, OUTCOMES) * bids(rows["ad"], campaigns),
              CLICKS: expected(rows, tonight, OUTCOMES[:1])}  # fmt: skip
    money = {n: (chosen(rows, wish) * true).sum() / found["rows"] for n, wish in wishes.items()}
    logged = true[rows["logged"].to_numpy()].mean()
    told = [(one["name"], figure, one[figure], money[one["name"]], one["diagnostics"])
            for one in found["policies"][:-1] for figure in FIGURES]  # fmt: skip
    gains = [(one["name"], "gain", one["against_logged"], money[one["name"]] - logged,
              one["diagnostics"]) for one in found["policies"][:-1]]  # fmt: skip
    return told + gains


def main(worlds: int = 10, listeners: int = 1000) -> None:
    """One line a policy and figure."""
    told = defaultdict(list)
    for seed in range(1, worlds + 1):
        town = world(seed, listeners)
        models = town.models(LEARNT, OUTCOMES, min(JUDGED))
        for number in JUDGED:
            for name, figure, said, truth, basis in judged(town, number, models):
                holds = said["low"] <= truth <= said["high"]
                width = said["high"] - said["low"]
                told[name, figure].append(
                    (holds, said["value"], truth, width, basis["effective_rows"])
                )
        show(told)


def show(told: dict[tuple[str, str], list[tuple]]) -> None:
    """The share of intervals that held the truth, and means over nights."""
    print(f"{'policy':<28}{'figure':<15}{'nights':>7}{'held':>7}{'said':>8}{'true':>8}"
          f"{'width':>8}{'effective':>10}")  # fmt: skip
    for (name, figure), rows in told.items():
        held, said, truth, width, effective = np.array(rows, dtype=float).mean(axis=0)
        print(f"{name:<28}{figure:<15}{len(rows):>7}{held:>7.1%}{said:>8.3f}{truth:>8.3f}"
              f"{width:>8.3f}{effective:>10.0f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
