"""Garbage collection: what no root reaches is deleted, as far as it is old enough.

Nothing younger than the grace is touched, nor what went into it: a run that works beside may be
about to use it. The grace must be longer than the longest task.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tasks.engine.errors import EngineError
from tasks.engine.holdings import Holding
from tasks.engine.journal import Address
from tasks.engine.reachable import Roots, There, used_since
from tasks.engine.workshop import Workshop

logger = logging.getLogger(__name__)


class GraceTooShort(EngineError):
    """The grace is shorter than a task may take, so a run's own work could be deleted."""


@dataclass(frozen=True)
class Ages:
    """How old, in seconds, what nothing reaches must be before it goes."""

    grace: float
    set_aside: float
    records: float

    def of(self, holding: Holding) -> float:
        """The age at which one thing may go."""
        if holding.kind == "run record":
            return self.records
        return self.set_aside if holding.kind == "set aside" else self.grace


@dataclass(frozen=True)
class Doomed:
    """What may go, and what stays."""

    holdings: list[Holding]
    kept: int
    """Artifacts that stay."""
    kept_bytes: int

    @property
    def size(self) -> int:
        """Bytes that would be freed."""
        return sum(one.size for one in self.holdings)


def doomed(
    workshop: Workshop, roots_in: Callable[[There], Roots], ages: Ages, now: float
) -> Doomed:
    """Look at the whole store once: what no root reaches and is old enough. Deletes nothing.

    ``roots_in`` says what the roots are among the artifacts that are there; ``now`` is in seconds
    since 1970. Raises `GraceTooShort`.
    """
    shortest = workshop.settings.isolated_timeout_seconds
    if 0 < ages.grace < shortest:
        raise GraceTooShort(
            f"the grace is {ages.grace / 3600:g} hours, and a task may take {shortest / 3600:g} "
            "([engine] isolated_timeout_seconds): what a run has just built could be deleted "
            "before it is used. Raise [retention] grace_hours."
        )
    workshop.store.refresh()
    held = list(workshop.store.holdings().listed())
    ages_of = {one.address: one.written for one in held if one.kind == "artifact" and one.address}
    there = There(workshop.store, ages_of)
    young = {one for one, written in ages_of.items() if written > now - ages.grace}
    used = used_since(
        workshop.log.folder, now - ages.grace, there.addresses) if ages.grace else set()
    roots = roots_in(there)
    marked = there.reachable(Roots(roots.deep | young | used, roots.alone))
    going = [one for one in held if one.written <= now - ages.of(one)
             and not (one.kind == "artifact" and one.address in marked)]  # fmt: skip
    staying = [one for one in held if one.kind == "artifact" and one.address in marked]
    return Doomed(going, len(staying), sum(one.size for one in staying))


def delete(
    workshop: Workshop, holdings: Iterable[Holding], since: float,
    told: Callable[[Holding, int], None] = lambda holding, freed: None,
) -> int:
    """Delete what is doomed, and say of each how much it freed; the bytes in all.

    What a run has recorded ``since`` we looked is spared: it came to be used again.
    """
    store, freed = workshop.store.holdings(), 0
    going, used = list(holdings), set[Address]()
    there = frozenset(one.address for one in going if one.address)
    for number, one in enumerate(going):
        if number % 100 == 0:
            used = used_since(workshop.log.folder, since, there)
        size = 0 if one.kind == "artifact" and one.address in used else store.discard(one)
        told(one, size)
        freed += size
    return freed
