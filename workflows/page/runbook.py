"""The runbook as a page: its headings are where links of alarms and errors lead."""

import re
from dataclasses import dataclass
from pathlib import Path

_HEADING = re.compile(r"^(#{1,4}) +(.+?) *#*$")


@dataclass(frozen=True)
class Section:
    """A heading and the text below it, as it is written (Markdown)."""

    anchor: str
    level: int
    heading: str
    text: str


def sections(path: Path) -> list[Section]:
    """The sections of a Markdown file; none when it is not there."""
    if not path.is_file():
        return []
    found: list[tuple[int, str, list[str]]] = []
    is_code = False
    for line in path.read_text(encoding="utf-8").splitlines():
        is_code ^= line.startswith("```")
        match = None if is_code else _HEADING.match(line)
        if match:
            found.append((len(match[1]), match[2], []))
        elif found:
            found[-1][2].append(line)
    return [Section(anchor_of(heading), level, heading, "\n".join(text).strip())
            for level, heading, text in found]


def anchor_of(heading: str) -> str:
    """The anchor that GitHub gives a heading.

    >>> anchor_of("A task failed (30)")
    'a-task-failed-30'
    """
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.lower()).strip())
