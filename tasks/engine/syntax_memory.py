"""What reading source files found, kept on disk: the same bytes are not read twice.

It only saves time (most of a plan's). An entry is known by the hash of the file's bytes, so it
never has to be thrown away; entries of another Python or another way of reading are not used.
"""

import hashlib
import json
import os
import sys
import uuid
from pathlib import Path
from typing import Any

from tasks.engine import parsing, scope, statements, syntax

#: What one file said, as `syntax.read_module` keeps it; empty when that is not known.
Told = dict[str, Any]

_MOST_FILES = 1000


class SyntaxMemory:
    """What is known of source files; in ``path``, or nowhere."""

    def __init__(self, path: Path | None = None):
        self.path = path
        self._files: dict[str, Told] | None = None
        self._sizes: dict[str, int] = {}

    def of(self, source: bytes, module: str) -> Told:
        """What is known of a file; whoever reads it adds to it."""
        if self._files is None:
            self._files = self._load()
        name = hashlib.sha256(f"{module}\n".encode() + source).hexdigest()
        told = self._files.pop(name, {})
        self._files[name] = told  # the last to be forgotten
        self._sizes.setdefault(name, len(told))
        return told

    def save(self) -> None:
        """Write what was learnt since the last time, if anything was."""
        if self.path is None or self._files is None or not self._has_grown():
            return
        kept = dict(list(self._files.items())[-_MOST_FILES:])
        text = json.dumps({"reading": _reading(), "files": kept})
        draft = self.path.with_name(f"{self.path.name}.{uuid.uuid4().hex}")
        try:
            draft.write_text(text, encoding="utf-8")
            os.replace(draft, self.path)
        except OSError:
            return  # a store that cannot be written is told of by whoever has to write it
        self._sizes = {name: len(self._files[name]) for name in self._sizes}

    def _has_grown(self) -> bool:
        files = self._files or {}
        return any(len(files[name]) != size for name, size in self._sizes.items())

    def _load(self) -> dict[str, Told]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8")) if self.path else {}
            return dict(found["files"]) if found.get("reading") == _reading() else {}
        except (OSError, ValueError, TypeError, AttributeError, KeyError):
            return {}


def _reading() -> str:
    """Which Python and which code of ours did the reading."""
    code = [Path(str(one.__file__)).read_bytes() for one in (parsing, scope, statements, syntax)]
    return f"{sys.version_info[:2]} {hashlib.sha256(b''.join(code)).hexdigest()}"
