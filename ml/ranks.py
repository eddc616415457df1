"""Training in several processes at once: each learns from a share of the rows, all the same trees.

This is LightGBM's data-parallel tree learner ("Distributed Learning Guide" of its documentation):
ranks add up their histograms before each split. Bins are found by all of them together, each those
of some features from its own rows, so that every rank has the same. The number of ranks changes the
model a little, since bins come from other samples and sums from other orders.
"""

import json
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
import pandas as pd

TIME_OUT = 1
"""Minutes that LightGBM waits for a rank that says nothing; one that died is noticed at once."""

Rows = TypeVar("Rows", pd.DataFrame, np.ndarray)


class Peers(Protocol):
    """What a rank knows of all: its number from 0, and how many there are."""

    rank: int
    count: int

    def gather(self, text: str) -> list[str]:
        """Every rank's text, by rank; waits until all have come here."""

    def addresses(self) -> list[str]:
        """``host:port`` of each rank, by rank, where it may listen now."""


class Alone:
    """One process, the usual case."""

    rank, count = 0, 1

    def gather(self, text: str) -> list[str]:
        """Its own text."""
        return [text]

    def addresses(self) -> list[str]:
        """Nobody listens."""
        return []


class RanksDisagree(RuntimeError):
    """Raised when ranks did not come to the same model."""


def share(rows: Rows, peers: Peers) -> Rows:
    """A rank's rows: every so-manyth in canonical order, so that each has all days and listeners.

    >>> two = Alone()
    >>> two.rank, two.count = 1, 2
    >>> share(np.arange(5), two).tolist()
    [1, 3]
    """
    return rows[peers.rank :: peers.count]


def parameters(peers: Peers) -> dict[str, Any]:
    """What LightGBM must be told to find the others; nothing for a rank alone.

    Bundles of features would be chosen by each rank from its own rows, and differ.
    """
    if peers.count == 1:
        return {}
    there = peers.addresses()
    return {
        "tree_learner": "data",
        "pre_partition": True,
        "enable_bundle": False,
        "num_machines": peers.count,
        "machines": ",".join(there),
        "local_listen_port": int(there[peers.rank].rpartition(":")[2]),
        "time_out": TIME_OUT,
    }


def merged(own: dict[str, Any], peers: Peers) -> list[dict[str, Any]]:
    """What every rank found out about its part, by rank."""
    return [json.loads(one) for one in peers.gather(json.dumps(own))]


def refuse_disagreement(digest: str, peers: Peers) -> None:
    """Raise RanksDisagree unless all ranks made what has this digest."""
    found: Sequence[str] = peers.gather(digest)
    if len(set(found)) > 1:
        raise RanksDisagree(
            f"Expected one model from {peers.count} ranks; found {len(set(found))}. Do the "
            "machines have the same libraries and processors?"
        )
