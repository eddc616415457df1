"""What a night would cost at other sizes, from measured nights: ``docs/capacity.md``'s table.

    python -m benchmarks.capacity night.json [--listeners 1000000 ...] [--window-hours 4]

``night.json`` is what ``benchmarks.night --record`` kept of at least two sizes. Of each kind of
task a straight line is fitted to its seconds, and one to its bytes, by listeners (least squares,
neither part negative): what it takes whatever the size, and what each listener adds. Cores are what
finishes a night within the window when four fifths of them are busy. It is an extrapolation
over three orders of magnitude, so it says what to plan for, not what will be measured.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import nnls

BUSY = 0.8


def fitted(sizes: list[float], values: list[float]) -> tuple[float, float]:
    """What is there whatever the size, and what each listener adds; neither is negative."""
    parts, _ = nnls(np.column_stack([np.ones(len(sizes)), sizes]), np.array(values))
    return float(parts[0]), float(parts[1])


def stages(nights: list[dict[str, Any]], what: str) -> dict[str, tuple[float, float]]:
    """The line of each kind of task, of those every size has."""
    sizes = [float(one["listeners"]) for one in nights]
    common = set.intersection(*[set(one["stages"]) for one in nights])
    return {name: fitted(sizes, [one["stages"][name][what] for one in nights])
            for name in sorted(common)}  # fmt: skip


def costs(lines: dict[str, tuple[float, float]], listeners: float) -> dict[str, float]:
    """Each kind of task at a size."""
    return {name: fixed + each * listeners for name, (fixed, each) in lines.items()}


def table(nights: list[dict[str, Any]], wanted: list[int], window: float) -> str:
    """The sizes as a table in Markdown, then where a listener's time goes."""
    seconds, written = stages(nights, "seconds"), stages(nights, "bytes")
    rows = ["| listeners | CPU hours a night | cores for it | GiB written a night |",
            "|---|---|---|---|"]
    for listeners in wanted:
        hours = sum(costs(seconds, listeners).values()) / 3600
        size = sum(costs(written, listeners).values()) / (1 << 30)
        cores = max(1, np.ceil(hours / window / BUSY))
        rows.append(f"| {listeners:,} | {hours:,.1f} | {cores:,.0f} | {size:,.0f} |")
    total = sum(each for _, each in seconds.values())
    rows += ["", "| stage | CPU seconds for a million listeners | share |", "|---|---|---|"]
    dear = sorted(seconds.items(), key=lambda one: -one[1][1])[:10]
    rows += [f"| {name} | {each * 1e6:,.0f} | {each / total:.0%} |" for name, (_, each) in dear]
    return "\n".join(rows)


def main() -> None:
    """Read the record and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("record", type=Path)
    parser.add_argument("--listeners", type=int, nargs="+",
                        default=[1_000_000, 10_000_000, 100_000_000, 600_000_000])  # fmt: skip
    parser.add_argument("--window-hours", type=float, default=4.0)
    asked = parser.parse_args()
    print(table(json.loads(asked.record.read_text()), asked.listeners, asked.window_hours))


if __name__ == "__main__":
    main()
