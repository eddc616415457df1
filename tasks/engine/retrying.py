"""Trying again what failed because a connection was lost; nothing else gets better by itself.

Luigi's scheduler is told never to retry (``retry_delay``), so that a failed task stays red. What
is tried again is tried by the task itself, within its run.
"""

import logging
import time
from collections.abc import Callable, Iterable

from tasks.engine.errors import EngineError, RegistryBusy, RegistryUnreachable, StoreUnreachable

logger = logging.getLogger(__name__)

LOST: tuple[type[EngineError], ...] = (StoreUnreachable, RegistryUnreachable, RegistryBusy)


def persisting(
    deed: Callable[[], str], pauses: Iterable[float], tell: Callable[[str], None]
) -> str:
    """What a deed returns, tried again after each pause (in seconds) while connections are lost.

    Raises what the last try raised, and at once whatever is no lost connection.
    """
    for pause in pauses:
        try:
            return deed()
        except LOST as error:
            told = f"{type(error).__name__}: {error}; trying again in {pause:.0f} s"
            logger.warning("%s", told)
            tell(told)
            time.sleep(pause)
    return deed()
