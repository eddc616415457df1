"""What a person asks of an audience, in one JSON file; all mistakes in it are found at once.

A request names segments, or lists of listeners, and conditions; it never holds a listener itself.
Which segments there are, and what the source knows, changes from night to night, so that half of
the check is made each night (`problems_tonight` in ml.audience_facts).
"""

import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any

from ml.privacy import sensitive

FILTERS = {"countries": "country", "tiers": "tier", "devices": "device"}
"""Field of a request -> the column of LISTENERS that it filters by."""

MOST_DAYS = 28
FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.csv")
REQUEST_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")

Problem = tuple[str, str, str]
"""Field, what was expected, what was found."""


@dataclasses.dataclass(frozen=True)
class Cap:
    """Leave in peace who met ``campaign`` more than ``exposures`` times in the last ``days``."""

    campaign: str
    days: int
    exposures: int


@dataclasses.dataclass(frozen=True)
class AudienceRequest:
    """A request as it was written; what it leaves out is empty.

    With ``seeds`` (a CSV of listeners) it asks for a lookalike: the ``reach`` best-scored others,
    a share of all listeners below 1, else a number of them.
    """

    name: str
    title: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    exclude_listeners: str = ""
    countries: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    at_most: Cap | None = None
    seeds: str = ""
    reach: float | int | None = None

    @property
    def kind(self) -> str:
        """``lookalike`` when there are seeds, else ``segments``."""
        return "lookalike" if self.seeds else "segments"

    def filters(self) -> dict[str, tuple[str, ...]]:
        """Column of LISTENERS -> the values asked for; only those asked for."""
        asked = {"country": self.countries, "tier": self.tiers, "device": self.devices}
        return {column: values for column, values in asked.items() if values}

    def filter_fields(self) -> list[str]:
        """The fields of the filters asked for."""
        return [field for field, column in FILTERS.items() if column in self.filters()]

    def files(self) -> dict[str, str]:
        """Field -> name of the CSV beside the request; only those named."""
        named = {"seeds": self.seeds, "exclude_listeners": self.exclude_listeners}
        return {field: name for field, name in named.items() if name}


def parse(name: str, text: str) -> tuple[AudienceRequest, list[Problem]]:
    """The request in a file's text, without the fields that are wrong, and what is wrong."""
    try:
        written = json.loads(text, object_pairs_hook=_once)
    except ValueError as error:
        return AudienceRequest(name), [("the file", "JSON with each field once", str(error))]
    if not isinstance(written, dict):
        return AudienceRequest(name), [("the file", "a JSON object", found(written))]
    problems = [_unknown(field) for field in written if field not in FIELDS]
    wrong = {
        field: expected for field, value in written.items()
        if field in FIELDS and (expected := FIELDS[field](value))
    }  # fmt: skip
    problems += [(field, expected, found(written[field])) for field, expected in wrong.items()]
    problems += _together(written)
    good = {field: value for field, value in written.items() if field in FIELDS.keys() - wrong}
    return request_of({"name": name, **good}), problems


def request_of(written: dict[str, Any]) -> AudienceRequest:
    """The request of checked fields, as JSON has them (lists, and the cap as an object)."""
    cap = written.get("at_most")
    fields: dict[str, Any] = {
        field: tuple(value) if isinstance(value, list) else value
        for field, value in written.items()
    }
    return AudienceRequest(**{**fields, "at_most": Cap(**cap) if cap else None})


def found(value: Any) -> str:
    """A value as it stands in the file, shortened."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} more than once")
    return dict(pairs)


def _unknown(field: str) -> Problem:
    forms = {field, field.removesuffix("s"), re.sub("ies$", "y", field)}
    if sensitive(forms):
        said = "no sensitive attribute: nobody is chosen by one, nor left out"
        return field, said, "a sensitive attribute"
    return field, f"one of the fields {', '.join(FIELDS)}", "an unknown field"


def _together(written: dict[str, Any]) -> list[Problem]:
    """What is wrong with fields that are each right."""
    problems = []
    if not written.get("include") and not written.get("seeds"):
        problems.append(("include, seeds", "at least one of them", "neither"))
    if "seeds" in written and "reach" not in written:
        said = "how many listeners the lookalike should have, or what share of all (0.05)"
        problems.append(("reach", said, "nothing"))
    if "reach" in written and "seeds" not in written:
        problems.append(("reach", "seeds beside it: it is the size of a lookalike", "no seeds"))
    if "title" not in written:
        problems.append(("title", "a name for people, such as \"Evening listeners\"", "nothing"))
    return problems


def _title(value: Any) -> str:
    return "" if _is_text(value) else "a text that is not empty"


def _words(value: Any) -> str:
    fits = isinstance(value, list) and value and all(map(_is_text, value))
    return "" if fits else "a list of at least one text, such as [\"s1\"]"


def _tiers(value: Any) -> str:
    known = ("free", "paid", "unknown")
    fits = not _words(value) and set(value) <= set(known)
    return "" if fits else f"a list of some of {', '.join(known)}"


def _file(value: Any) -> str:
    fits = isinstance(value, str) and FILE_NAME.fullmatch(value)
    return "" if fits else "the name of a CSV beside the request, such as \"customers.csv\""


def _cap(value: Any) -> str:
    fits = (
        isinstance(value, dict)
        and value.keys() == {"campaign", "days", "exposures"}
        and _is_text(value["campaign"])
        and _is_whole(value["days"], 1, MOST_DAYS)
        and _is_whole(value["exposures"], 0, 10**6)
    )
    return "" if fits else (
        "{\"campaign\": a campaign, \"days\": 1 to 28, \"exposures\": how many at most (0 or more)}"
    )


def _reach(value: Any) -> str:
    is_share = isinstance(value, float) and 0 < value < 1
    fits = is_share or _is_whole(value, 1, 10**10)
    return "" if fits else "a share of listeners between 0 and 1, or a whole number of listeners"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_whole(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


FIELDS: dict[str, Callable[[Any], str]] = {
    "title": _title,
    "include": _words,
    "exclude": _words,
    "exclude_listeners": _file,
    "countries": _words,
    "tiers": _tiers,
    "devices": _words,
    "at_most": _cap,
    "seeds": _file,
    "reach": _reach,
}
"""Field -> what says what was expected of a value, "" when it is right."""
