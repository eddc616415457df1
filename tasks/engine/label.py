"""Labels: the part of an artifact's place that people read."""

import re
from typing import Any

from tasks.engine.identity import digest_of

_UNSAFE = re.compile(r"[^A-Za-z0-9_.=-]+")
#: What the rule below leaves as it is.
_SAFE = re.compile(r"[A-Za-z0-9_=-](?:[A-Za-z0-9_.=-]*[A-Za-z0-9_=-])?").fullmatch
_LONGEST = 80


def label_of(task: Any) -> str:
    """The significant parameters' values as a folder name, such as ``ad_targeting.2026-01-05``.

    Values that a folder name cannot hold are shortened, and a hash keeps them apart.
    """
    texts = task.to_str_params(only_significant=True)
    plain = ".".join(texts.values())
    if len(plain) <= _LONGEST and _SAFE(plain):
        return plain
    safe = _UNSAFE.sub("-", plain)[:_LONGEST].strip(".") or "all"
    if safe == plain or not texts:
        return safe
    return f"{safe}-{digest_of([part for pair in texts.items() for part in pair])[:8]}"
