"""The record beside each artifact, and the one list of reasons why a new one is needed.

The same reasons decide nothing by themselves (keys do) but explain every decision: what a
run says when it builds, what `plan` says before, and what `why` says afterwards.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from tasks.engine.errors import CorruptPayload
from tasks.engine.identity import digest_of


@dataclass(frozen=True)
class Payload:
    """One file of an artifact."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Input:
    """One input of an artifact, as it was when the artifact was built."""

    task: str
    key: str
    digest: str


@dataclass(frozen=True)
class Reason:
    """Why something is built: a kind, what it is about, and the details in words."""

    kind: str
    subject: str = ""
    detail: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.kind, self.subject, self.detail) if part)


@dataclass(frozen=True)
class Manifest:
    """Everything that went into an artifact, and what came out."""

    task: str
    label: str
    key: str
    parameters: dict[str, str]
    function: str
    values: dict[str, str]
    code: dict[str, str]
    libraries: dict[str, str]
    inputs: dict[str, Input]
    payload: dict[str, Payload]
    codec: str
    digest: str
    rows: int | None
    reasons: list[Reason]
    previous: str | None
    created: str
    seconds: float
    peak_memory_bytes: int | None
    host: str
    versions: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    """The sentence of the task's author about what was built."""
    notes: dict[str, str | float] = field(default_factory=dict)
    """What the author noted of the result (`ArtifactTask.notes`)."""

    def to_json(self) -> str:
        """The manifest as text: keys in a fixed order, one line for each thing that went in."""
        parts = {
            name: _in_lines({inner: _text_of(one) for inner, one in part.items()}, " ")
            if isinstance(part, dict) else _text_of(part)
            for name, part in vars(self).items()
        }
        return _in_lines(parts, "") + "\n"


def from_json(text: str, where: str) -> Manifest:
    """Read a manifest back. Raises `CorruptPayload` when it is not whole."""
    try:
        raw: dict[str, Any] = json.loads(text)
        raw["inputs"] = {name: Input(**one) for name, one in raw["inputs"].items()}
        raw["payload"] = {name: Payload(**one) for name, one in raw["payload"].items()}
        raw["reasons"] = [Reason(**one) for one in raw["reasons"]]
        return Manifest(**raw)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        found = f"{type(error).__name__}: {error}"
        raise CorruptPayload(where, "a whole manifest", found) from None


def _in_lines(parts: dict[str, str], margin: str) -> str:
    """What ``json.dumps(..., indent=1)`` does slowly: it leaves the encoder written in C unused."""
    lines = [f"{margin} {_text_of(name)}: {text}" for name, text in parts.items()]
    return "{\n" + ",\n".join(lines) + f"\n{margin}}}" if lines else "{}"


_text_of = json.JSONEncoder(ensure_ascii=False, default=vars).encode


def digest_of_payload(payload: dict[str, Payload]) -> str:
    """The digest of an artifact's content: its files' names and hashes."""
    return digest_of([text for name, one in sorted(payload.items()) for text in (name, one.sha256)])


def reasons_between(
    old: Manifest, values: dict[str, str], code: dict[str, str], libraries: dict[str, str],
    inputs: dict[str, str] | None,
) -> list[Reason]:
    """What differs from a previous artifact, most telling first.

    ``inputs`` maps names to digests; None when they are not known yet.
    """
    found = _changes("value", old.values, values)
    found += [
        Reason("code", name, detail) for name, detail in _differences(old.code, code)
    ]
    found += _changes("library", old.libraries, libraries)
    if inputs is not None:
        before = {name: one.digest for name, one in old.inputs.items()}
        found += [Reason("input", name, detail) for name, detail in _differences(before, inputs)]
    return found


def _differences(old: dict[str, str], new: dict[str, str]) -> list[tuple[str, str]]:
    names = sorted(old.keys() | new.keys())
    return [(name, _word(name in old, name in new)) for name in names
            if old.get(name) != new.get(name)]


def _word(was: bool, is_now: bool) -> str:
    return "changed" if was and is_now else "is new" if is_now else "is gone"


def _changes(kind: str, old: dict[str, str], new: dict[str, str]) -> list[Reason]:
    return [
        Reason(kind, name, f"{_shown(old.get(name))} -> {_shown(new.get(name))}")
        for name, _ in _differences(old, new)
    ]


def _shown(text: str | None) -> str:
    if text is None:
        return "(absent)"
    plain = text.partition(" ")[2] if text.partition(" ")[0] in _PLAIN else text
    return plain if len(plain) <= 60 else plain[:57] + "..."


_PLAIN = {"int", "float", "str", "bool", "date", "NoneType"}
