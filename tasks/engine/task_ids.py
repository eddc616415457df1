"""Luigi's ids of tasks, as `luigi.task.task_id_str` makes them."""

import operator
from collections.abc import Callable
from hashlib import md5
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from luigi.task import (
    TASK_ID_INCLUDE_PARAMS,
    TASK_ID_INVALID_CHAR_REGEX,
    TASK_ID_TRUNCATE_HASH,
    TASK_ID_TRUNCATE_PARAMS,
)

#: Parameters by name, and how the value of each becomes text.
Texts = list[tuple[str, Callable[[Any], str]]]


class Ids:
    """The ids of one class's tasks; their JSON is a text with gaps, made once."""

    def __init__(self, family: str, ways: Texts):
        self._family = family
        self._ways = sorted(ways, key=operator.itemgetter(0))
        pairs = ",".join([f"{quoted(name)}:%s" for name, _ in self._ways])
        self._json = f"{{{pairs}}}"

    def of(self, values: dict[str, Any]) -> str:
        """The id of the task of these values."""
        texts = [serialize(values[name]) for name, serialize in self._ways]
        json = self._json % tuple(map(quoted, texts))
        digest = md5(json.encode(), usedforsecurity=False).hexdigest()[:TASK_ID_TRUNCATE_HASH]
        shown = "_".join([text[:TASK_ID_TRUNCATE_PARAMS]
                          for text in texts[:TASK_ID_INCLUDE_PARAMS]])
        return f"{self._family}_{TASK_ID_INVALID_CHAR_REGEX.sub('_', shown)}_{digest}"
