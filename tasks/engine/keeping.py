"""Artifacts that a command makes, not a task of a graph: what was done on somebody's request.

They lie in the store like any other, with a manifest that says what they were made from.
"""

import datetime as dt
import json
import socket
import sys
from typing import Any

from tasks.engine import codec
from tasks.engine.identity import digest_of
from tasks.engine.journal import Entry
from tasks.engine.manifest import Input, Manifest, Reason, digest_of_payload
from tasks.engine.payload import write_payload
from tasks.engine.store import Store


def keep(
    store: Store, task: str, label: str, value: Any, *, function: str,
    parameters: dict[str, str] | None = None, inputs: dict[str, Input] | None = None,
    reasons: list[Reason] | None = None,
) -> Entry:
    """Keep a value under a task's name and a label; keeping the same again changes nothing."""
    with store.staging() as stage:
        kind, payload = write_payload(value, stage)
        about = json.dumps([parameters or {}, {name: one.digest for name, one in
                                               (inputs or {}).items()}], sort_keys=True)
        manifest = Manifest(
            task, label, digest_of([function, about, digest_of_payload(payload)]),
            parameters=parameters or {}, function=function, values={}, code={}, libraries={},
            inputs=inputs or {}, payload=payload, codec=kind, digest=digest_of_payload(payload),
            rows=codec.rows_of(value), reasons=reasons or [], previous=None,
            created=dt.datetime.now(dt.UTC).isoformat(timespec="microseconds"), seconds=0.0,
            peak_memory_bytes=None, host=socket.gethostname(),
            versions={"python": sys.version.split()[0]},
        )
        return store.commit(stage, manifest)
