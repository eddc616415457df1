"""Tables and colours on a terminal; plain text elsewhere; JSON when asked."""

import json
import os
import sys
from collections.abc import Sequence
from typing import Any

_COLOURS = {"build": "33", "maybe": "36", "current": "32", "built": "33", "reused": "36",
            "failed": "31", "blocked": "31", "source missing": "31", "refused": "35", "alarm": "31",
            "blessed": "32"}


def say(text: str = "") -> None:
    """A line of output."""
    sys.stdout.write(text + "\n")


def say_json(value: Any) -> None:
    """A value as JSON, for machines."""
    say(json.dumps(value, indent=1, ensure_ascii=False, default=str))


def painted(word: str, text: str | None = None) -> str:
    """A word in its colour, on a terminal that wants colours."""
    text = word if text is None else text
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or word not in _COLOURS:
        return text
    return f"\x1b[{_COLOURS[word]}m{text}\x1b[0m"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as they need to be; the last one takes what is left."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for position, row in enumerate([header, *rows]):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        if position:
            cells[1] = painted(row[1], cells[1])
        say("  ".join(cells).rstrip())


def seconds(value: float | None) -> str:
    """A duration for people: ``0.4 s``, ``12 s``, ``3 min 05 s``."""
    if value is None:
        return "-"
    if value < 10:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def size(count: int) -> str:
    """A size for people."""
    amount, unit = float(count), "B"
    for unit in ("B", "KiB", "MiB", "GiB"):  # noqa: B007
        if amount < 1024:
            break
        amount /= 1024
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
