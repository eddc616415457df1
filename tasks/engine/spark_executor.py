"""What a Python process of a Spark executor does for a recipe: the same as a process here."""

import os
import socket
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tasks.engine.elsewhere import Order, cook
from tasks.engine.payload import payload_of
from tasks.engine.ranks import Peers

SCHEMA = "rank int, kind string, text string"
"""The rows that come back: of each rank one, ``made`` with JSON or ``failed`` with lines."""


class Cooking:
    """A function of Arrow batches for ``mapInArrow``; one partition is one rank."""

    def __init__(self, order: dict[str, Any], settings: dict[str, dict[str, str]], folder: str):
        self.order, self.settings, self.folder = order, settings, folder

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        import json

        import pyarrow

        [rank] = [one for batch in batches for one in batch.column(0).to_pylist()]
        kind, text = "made", ""
        try:
            _move_in(self.settings, self.folder)
            text = json.dumps(cooked(Order(**self.order)))
        except Exception:
            if self.order["ranks"] > 1:
                raise  # the other ranks wait for this one: Spark must end them
            kind, text = "failed", traceback.format_exc()
        yield pyarrow.RecordBatch.from_pydict(
            {"rank": pyarrow.array([rank], pyarrow.int32()), "kind": [kind], "text": [text]})


def cooked(order: Order) -> list[Any]:
    """Run the recipe in a staging folder of our own, then bring the files where they belong.

    A second attempt may run while a first one, thought lost, still does: so none writes where
    another one does.
    """
    from tasks.engine.workshop import workshop

    store, peers = workshop().store, BarrierPeers() if order.ranks > 1 else None
    with store.staging() as stage:
        told = cook(order, stage, lambda *_: None, peers)
        if peers is not None and peers.rank > 0:
            return told
        payload = payload_of(stage)
        address = order.family, order.label, order.key
        store.deliver(stage, Path(order.stage), address, payload)
    return [*told, {name: [one.sha256, one.size] for name, one in payload.items()}]


class BarrierPeers(Peers):
    """The tasks of a barrier stage."""

    def __init__(self) -> None:
        from pyspark import BarrierTaskContext

        self._context = BarrierTaskContext.get()
        everyone = self._context.getTaskInfos()
        self.rank, self.count = self._context.partitionId(), len(everyone)
        self.host = socket.gethostbyname(everyone[self.rank].address.rpartition(":")[0])

    def gather(self, text: str) -> list[str]:
        """Every rank's text, by rank."""
        return self._context.allGather(text)


def _move_in(settings: dict[str, dict[str, str]], folder: str) -> None:
    """Take over the settings of who asked, and its folder where there is one."""
    from luigi import configuration

    config = configuration.get_config()
    for section, values in settings.items():
        for name, text in values.items():
            config.set(section, name, text)
    config.set("engine", "runs_on", "luigi")  # what has to be mended here is mended here
    if os.path.isdir(folder):
        os.chdir(folder)
