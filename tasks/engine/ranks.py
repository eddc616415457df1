"""Processes that work on one recipe at the same time, and what they need to find each other.

A task says how many `ranks` it wants; its recipe is called in each with ``peers``, and must
return the same value in all. Where they run is no part of the key.
"""

import abc
import json
import socket
import time
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

_PAUSE = 0.05


class Peers(abc.ABC):
    """One rank's view of all: its number from 0, how many there are, its own address."""

    rank: int
    count: int
    host: str

    @abc.abstractmethod
    def gather(self, text: str) -> list[str]:
        """Every rank's text, by rank; waits until all have come here.

        A rank that is lost meanwhile ends the others.
        """

    def addresses(self) -> list[str]:
        """``host:port`` of each rank, by rank: a port that was free on its machine just now."""
        with socket.socket() as held:  # until all have theirs, or two would have the same
            held.bind(("", 0))
            return self.gather(f"{self.host}:{held.getsockname()[1]}")


class LocalPeers(Peers):
    """Processes of one machine; they meet at a Unix socket, where rank 0 waits.

    Whoever started them ends all when one of them ends early, so that nobody waits for ever.
    """

    host = "127.0.0.1"

    def __init__(self, door: str, rank: int, count: int):
        self.rank, self.count = rank, count
        self._others = _gathered(door, count) if rank == 0 else [_arrived(door, rank)]

    def gather(self, text: str) -> list[str]:
        """Every rank's text, by rank."""
        if self.rank:
            self._others[0].send_bytes(text.encode())
            return json.loads(self._others[0].recv_bytes())
        texts = [text, *(one.recv_bytes().decode() for one in self._others)]
        for one in self._others:
            one.send_bytes(json.dumps(texts).encode())
        return texts


def _gathered(door: str, count: int) -> list[Any]:
    """Connections to the others, by rank."""
    with Listener(door, "AF_UNIX", backlog=count) as listener:
        coming = [listener.accept() for _ in range(count - 1)]
    return [one for _, one in sorted((int(one.recv_bytes()), one) for one in coming)]


def _arrived(door: str, rank: int) -> Connection:
    while True:
        try:
            rank_0 = Client(door, "AF_UNIX")
        except (FileNotFoundError, ConnectionRefusedError):
            time.sleep(_PAUSE)
            continue
        rank_0.send_bytes(str(rank).encode())
        return rank_0
