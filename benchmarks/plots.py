"""Draw what ``benchmarks.night --record night.json`` kept, for ``docs/capacity.md``.

    python -m benchmarks.plots night.json docs/plots
"""

import argparse
import json
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

_BLUE, _GREY = "#1f5f8b", "#8a8a8a"


def cold(nights: list[dict[str, Any]], axes: Any) -> None:
    """A first night by listeners, both ways, and the line of exact proportion."""
    sizes = [one["listeners"] for one in nights]
    for way, color in (("platform", _BLUE), ("script", _GREY)):
        axes.loglog(sizes, [one[way] for one in nights], "o-", color=color, label=way)
    ends = [sizes[0], sizes[-1]]
    axes.loglog(ends, [nights[0]["platform"] * size / sizes[0] for size in ends], ":",
                color=_GREY, label="in proportion")  # fmt: skip
    axes.set(title="A first night", xlabel="listeners", ylabel="CPU seconds")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.set_yticks([100, 200, 400, 800], ["100", "200", "400", "800"])
    axes.minorticks_off()
    axes.legend(frameon=False)


def warm(nights: list[dict[str, Any]], axes: Any) -> None:
    """The nights that follow the first of the smallest world."""
    seconds = nights[0]["warm"]
    axes.bar(range(1, len(seconds) + 1), seconds, color=_BLUE, width=0.6)
    axes.set(title=f"The nights after it, {nights[0]['listeners']:,} listeners",
             xlabel="nights there were before", ylabel="CPU seconds", ylim=(0, None))  # fmt: skip


def main() -> None:
    """Read the record and write the two pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("record", type=Path)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    nights = json.loads(asked.record.read_text())
    plt.rcParams["svg.hashsalt"] = "setlist"  # the same figures are the same file
    for draw in (cold, warm):
        figure, axes = plt.subplots(figsize=(5.2, 3.4), layout="constrained")
        axes.spines[["top", "right"]].set_visible(False)
        draw(nights, axes)
        figure.savefig(asked.folder / f"night-{draw.__name__}.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
