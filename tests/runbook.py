"""What the runbook says, for tests that trigger it: quoted messages, headings, commands."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "deploy" / "RUNBOOK.md"


def anchors():
    """Anchor -> heading of every heading."""
    found = {}
    for heading in re.findall(r"^#+ (.*)$", _without_blocks(), flags=re.M):
        found[re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")] = heading
    return found


def section(anchor):
    """The text below a heading, up to the next of the same depth."""
    heading = anchors()[anchor]
    text = PAGE.read_text()
    marks = re.search(rf"^(#+) {re.escape(heading)}$", text, flags=re.M)[1]
    found = re.search(rf"^{marks} {re.escape(heading)}$(.*?)(?=^#{{1,{len(marks)}}} |\Z)", text,
                      flags=re.M | re.S)  # fmt: skip
    return found[1]


def blocks(kind, text=None):
    """The fenced blocks of one kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```", text or PAGE.read_text(), flags=re.M | re.S)


def assert_quotes(anchor, said):
    """Every line that the page quotes was said: ``<angle brackets>`` stand for anything."""
    [quoted] = blocks("text", section(anchor).split("\n### ")[0])
    for line in quoted.splitlines():
        parts = re.split(r"<[a-z ]+>", line.strip())
        pattern = ".+".join(map(re.escape, parts))
        assert re.search(pattern, said), f"the runbook's {anchor} says {line!r}; said was\n{said}"


def _without_blocks():
    return re.sub(r"^```.*?^```", "", PAGE.read_text(), flags=re.M | re.S)
