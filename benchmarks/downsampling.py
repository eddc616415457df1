"""How many negatives a model needs: seconds and normalized entropy by the share that is kept.

``python -m benchmarks.downsampling [--rows 600000]``. A planted matrix of 60 features, about
2.5 % positives: two thirds of the days are learnt from, one stops and calibrates, the rest test.
Seconds are CPU seconds of ``ml.training.fit``. Normalized entropy is given as the trees say
("uncorrected"), with the thinning undone ("corrected", He et al. 2014, section 6.3), and also
calibrated, as models go live. The difference is that of the corrected probabilities to keeping
all negatives, in percent, with a 95 % interval by listener; the bar is 0.3 % at a tenth.
"""

import argparse
import dataclasses

from benchmarks.judging import Judged, judged, percent
from benchmarks.planted import RECIPE, day_of_examples
from ml.metrics import calibration_ratio, normalized_entropy

RATES = (1.0, 0.5, 0.25, 0.1, 0.05, 0.025)
DAYS = 12


def main() -> None:
    """Train once for each share and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=600_000)
    asked = parser.parse_args()
    days = [day_of_examples(at, asked.rows // DAYS, base=-5.2) for at in range(DAYS)]
    print(f"{asked.rows:,} x 60; {100 * days[0]['label'].mean():.1f} % positives")
    print(f"{'kept':>6}{'rows':>9}{'trees':>7}{'CPU s':>8}{'uncorrected':>13}{'corrected':>11}"
          f"{'calibrated':>12}{'predicted / observed':>22}   difference in %")
    every = None
    for rate in RATES:
        recipe = dataclasses.replace(RECIPE, rounds=600, patience=30, keep_negatives=rate)
        found = judged(days[:8], days[8:9], days[9:], recipe)
        every = every or found
        print(line(rate, found, every), flush=True)


def line(rate: float, found: Judged, every: Judged) -> str:
    """One row of the table."""
    entropies = [
        normalized_entropy(found.labels, one)
        for one in (found.uncorrected, found.corrected, found.calibrated)
    ]
    ratio = calibration_ratio(found.labels, found.corrected)
    against = percent(found.difference(found.corrected, every, every.corrected))
    return (
        f"{rate:>6}{found.rows:>9,}{found.trees:>7}{found.seconds:>8.1f}{entropies[0]:>13.4f}"
        f"{entropies[1]:>11.4f}{entropies[2]:>12.4f}{ratio:>22.3f}   {against}"
    )


if __name__ == "__main__":
    main()
