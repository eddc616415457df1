"""Progress: what a recipe logs while it runs is what the scheduler's page shows.

Recipes know nothing of Luigi. They log as any function does; ``extra={"percent": 40}`` on a
record moves the progress bar.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[str, int | None], None]


class _Teller(logging.Handler):
    def __init__(self, tell: Tell):
        super().__init__(logging.INFO)
        self.tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        percent = getattr(record, "percent", None)
        if percent is not None or record.levelno >= logging.WARNING:
            self.tell(record.getMessage(), percent)


@contextmanager
def told_to(tell: Tell) -> Iterator[None]:
    """Pass on progress records of every logger while a recipe runs."""
    teller = _Teller(tell)
    logging.getLogger().addHandler(teller)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(teller)
