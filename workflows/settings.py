"""Every section of ``luigi.cfg`` that Setlist reads, and the tables of the page about them."""

import configparser
import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from luigi import configuration

from tasks.deployment_settings import SetlistSettings, TrainingSettings, WorldSettings
from tasks.engine.configured import Section, settings_of, written
from tasks.engine.settings import Settings
from tasks.engine.spark_settings import SparkSettings
from tasks.retention import RetentionSettings
from workflows.metrics import MetricsSettings
from workflows.notifying.settings import NotifySettings
from workflows.page.settings import PageSettings

EVERY: tuple[type[Section], ...] = (
    Settings, SparkSettings, SetlistSettings, TrainingSettings, RetentionSettings, WorldSettings,
    NotifySettings, MetricsSettings, PageSettings,
)  # fmt: skip
_HEAD = "| setting | default | shipped | meaning |\n|---|---|---|---|\n"


def unknown() -> list[str]:
    """What stands in a section of ours and nothing reads, with what may have been meant."""
    defaults = configuration.get_config().defaults()
    return [
        f"[{one.section}] {name} is no setting{_meant(name, settings_of(one))}"
        for one in EVERY for name, _ in written(one.section)
        if name not in settings_of(one) and name not in defaults
        and not (one.passed_on and name.startswith(one.passed_on))
    ]  # fmt: skip


def misspelt() -> list[str]:
    """Sections that nothing reads and that are nearly called like one of ours."""
    ours = [one.section for one in EVERY]
    others = [name for name in configuration.get_config().sections() if name not in ours]
    return [f"[{name}] is no section of ours{near}" for name in others
            if (near := _meant(name, ours))]  # fmt: skip


def _meant(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
    return f"; did you mean {near[0]}?" if near else ""


def with_tables(page: str, shipped: str) -> str:
    """``docs/configuration.md`` with the table of each section as the code declares it now.

    ``shipped`` is the text of ``luigi.cfg``. Raises ValueError for a section without a table.
    """
    for section in EVERY:
        found = rf"(?ms)(^## \[{section.section}\]\n.*?)(^\| setting \|.*?)(?=^[^|])"
        if (old := re.search(found, page)) is None:
            raise ValueError(f"the page has no heading ## [{section.section}] with a table")
        page = page[: old.start(2)] + table_of(section, shipped) + page[old.end(2) :]
    return page


def table_of(section: type[Section], shipped: str) -> str:
    """The settings of a section: default, what the shipped file says, meaning."""
    file = configparser.ConfigParser(interpolation=None)
    file.read_string(shipped)
    said = dict(file.items(section.section)) if file.has_section(section.section) else {}
    rows = (f"| `{name}` | {_default(one)} | {_shipped(one, said.get(name))} | "
            f"{one.metadata['meaning']} |\n" for name, one in settings_of(section).items())
    return _HEAD + "".join(rows)


def _default(one: Any) -> str:
    return one.metadata["shown"] or _shown(_text(one.default))


def _shipped(one: Any, text: str | None) -> str:
    if text is None:
        return "absent"
    return "the same" if text == _text(one.default) else _shown(text)


def _shown(text: str) -> str:
    return f"`{text}`" if text else "empty"


def _text(value: Any) -> str:
    """A value as it would stand in the file."""
    if isinstance(value, tuple):
        return " ".join(map(_text, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def main() -> None:
    """Bring the page up to date: ``python -m workflows.settings``, in the repository's folder."""
    page = Path("docs/configuration.md")
    page.write_text(with_tables(page.read_text(), Path("luigi.cfg").read_text()))


if __name__ == "__main__":
    main()
