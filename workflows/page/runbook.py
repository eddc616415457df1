"""The runbook as a page: its headings are where links of alarms and errors lead."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup


@dataclass(frozen=True)
class Heading:
    """A heading of the runbook."""

    anchor: str
    level: int
    text: str


@dataclass(frozen=True)
class Runbook:
    """A Markdown file as HTML; nothing in the file is taken for HTML of its own."""

    headings: list[Heading]
    body: Markup


def read_runbook(path: Path) -> Runbook:
    """The runbook; one without headings when the file is not there."""
    if not path.is_file():
        return Runbook([], Markup())
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(path.read_text(encoding="utf-8"))
    headings = list(_anchored(tokens))
    for token in tokens:
        _without_files(token)
    return Runbook(headings, Markup(markdown.renderer.render(tokens, markdown.options, {})))


def anchor_of(heading: str) -> str:
    """The anchor that GitHub gives a heading.

    >>> anchor_of("A task failed (30)")
    'a-task-failed-30'
    """
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.lower()).strip())


def _anchored(tokens: list[Token]) -> Iterator[Heading]:
    """Every heading, which is given its anchor; its text is the token after it."""
    for token, inside in pairwise(tokens):
        if token.type == "heading_open":
            heading = Heading(anchor_of(inside.content), int(token.tag[1]), inside.content)
            token.attrSet("id", heading.anchor)
            yield heading


def _without_files(token: Token) -> None:
    """Links to other files of the repository lead nowhere from here: their words stay."""
    for child in token.children or []:
        target = str(child.attrGet("href") or "") if child.type == "link_open" else "#"
        if not target.startswith(("#", "https://", "http://")):
            child.attrs = {"title": target}
