"""One message about a run: what is new, what is over, what stays open, and where to read on."""

import textwrap
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from workflows.notifying.open_concerns import Changes, Open

#: A sentence in a message is cut after this many lines; the log has all of it.
_LINES = 12


@dataclass(frozen=True)
class Notice:
    """A message, as text for people and as facts for machines."""

    subject: str
    text: str
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """What a webhook gets."""
        return {"subject": self.subject, "text": self.text, **self.facts}


@dataclass(frozen=True)
class About:
    """The run a message is about."""

    workflow: str
    night: str
    run: str
    host: str
    exit_code: int
    ending: str
    log: str

    @property
    def name(self) -> str:
        """The workflow and its night, if that is known."""
        return f"{self.workflow} {self.night}".strip()


def notice_of(about: About, changes: Changes, runbook: str) -> Notice:
    """The message about what a run changed."""
    sections = [
        ("NEW", changes.new), ("STILL OPEN", changes.reminded), ("OVER", changes.over),
        ("open, and told before", changes.still),
    ]
    parts = [_section(title, ones, runbook) for title, ones in sections if ones]
    head = f"{about.name} on {about.host}: exit code {about.exit_code}\n"
    foot = f"log: {about.log}\n"
    names = {"new": changes.new, "over": changes.over, "open": changes.open}
    facts = {**asdict(about), **{name: [_fact(one, runbook) for one in ones]
                                 for name, ones in names.items()}}  # fmt: skip
    text = "\n".join([f"{head}{about.ending}\n", *parts, foot])
    return Notice(_subject(about, changes), text, facts)


def trial(about: About) -> Notice:
    """What ``setlist notify --test`` sends."""
    text = (f"This is a test from {about.host}. Messages about {about.workflow} come this way: "
            "what is new, what is over, and once a day what stays open.\n")  # fmt: skip
    return Notice("Setlist: a test message", text, {**asdict(about), "test": True})


def page_of(runbook: str, anchor: str) -> str:
    """The address of a runbook's heading."""
    return f"{runbook}#{anchor}"


def _subject(about: About, changes: Changes) -> str:
    counted = Counter(one.concern.kind for one in changes.new)
    parts = [f"{count} {kind}" for kind, count in counted.items()]
    if changes.over:
        parts.append(f"{len(changes.over)} over")
    if not parts:
        parts.append(f"{len(changes.reminded)} still open")
    return f"Setlist {about.name}: {', '.join(parts)}"


def _section(title: str, ones: list[Open], runbook: str) -> str:
    return "\n".join([title, *(_lines(one, runbook, title) for one in ones)]) + "\n"


def _lines(one: Open, runbook: str, title: str) -> str:
    """What, why, and what now."""
    concern = one.concern
    since = f" (since {one.since[:16].replace('T', ' ')} UTC)" if title != "NEW" else ""
    what = f"- {concern.kind}: {concern.subject}{since}"
    if title == "OVER":
        return what
    why = concern.sentence.splitlines()
    more = [f"({len(why) - _LINES} more lines in the log)"] if len(why) > _LINES else []
    body = textwrap.indent("\n".join([*why[:_LINES], *more]), "    ")
    return f"{what}\n{body}\n    what now: {page_of(runbook, concern.runbook)}"


def _fact(one: Open, runbook: str) -> dict[str, str]:
    return {**asdict(one.concern), "page": page_of(runbook, one.concern.runbook),
            "since": one.since, "night": one.night}  # fmt: skip
