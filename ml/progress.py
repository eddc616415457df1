"""How far long work has come, said in the log: whoever runs it may show it.

Stages that are made of parts (`part_of`) hand their share of the way down to what they call, so
that a training within a search moves the search's bar and not back to the start.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_SPAN: ContextVar[tuple[float, float]] = ContextVar("span", default=(0.0, 100.0))


def progress(sentence: str, share: float) -> None:
    """Log a sentence and how much is done, ``share`` from 0 to 1 of the part that is at work."""
    low, high = _SPAN.get()
    percent = int(low + (high - low) * min(max(share, 0.0), 1.0))
    logger = logging.getLogger(__name__)
    logger.setLevel(logging.INFO)
    logger.info(sentence, extra={"percent": percent})


@contextmanager
def part_of(position: int, count: int) -> Iterator[None]:
    """What is done inside is part ``position`` (from 0) of ``count`` equal parts."""
    low, high = _SPAN.get()
    step = (high - low) / count
    before = _SPAN.set((low + position * step, low + (position + 1) * step))
    try:
        yield
    finally:
        _SPAN.reset(before)
