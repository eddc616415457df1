"""Hand-written DuckDB SQL (``*.sql`` beside this file), a day after the other on two threads.

Ids and words are judged, and pseudonyms made, once for each different value. The bits of the
sketches come from pandas' hash, once for all tracks, so that they can be compared.
"""

import json
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from benchmarks.events.layout import KEY, WINDOW, Job

HOURS = ", ".join(f"count(*) FILTER (hour = {hour}) AS hour_{hour:02d}" for hour in range(24))
BLOCK = 64
"""Bytes of SHA-256's block, to which HMAC pads its key (RFC 2104)."""


def ingest(job: Job, number: int) -> None:
    """Both tables of a day: judged, pseudonymised, without repeats, sorted, in shards."""
    for table in ("listens", "impressions"):
        folder = job.folder(table, number)
        _run(f"ingest_{table}", raw=job.raw(table, number), day=job.day(number), shards=job.shards)
        _run("counts")
        counts = _connection().sql("SELECT * FROM counts").df().iloc[0].to_dict()
        (folder / "report.json").write_text(json.dumps(counts))
        _connection().sql("FROM quarantine").write_parquet(str(folder / "quarantine.parquet"))
        for shard in range(job.shards):
            _run(f"shard_{table}", shard=shard, file=folder / f"shard-{shard:03d}.parquet")


def summarise(job: Job, number: int) -> None:
    """The partials of a day, all shards at once."""
    _tracks(job)
    folder = job.folder("partials", number)
    _run("summarise", listens=job.folder("listens", number) / "shard-*.parquet",
         day=job.day(number), hours=HOURS, out=folder,
         track_words=_words("heard"), artist_words=_words("artists"))  # fmt: skip


def join(job: Job, number: int) -> None:
    """Impressions of a day with the window before it and the day before their moment."""
    history = [str(job.folder("partials", day) / "listening.parquet")
               for day in range(max(0, number - WINDOW), number)]  # fmt: skip
    bits = " + ".join(f"bit_count(~bit_or(heard_{word}))::INT" for word in range(16))
    _run("join", history=history, zeros=bits, day=job.day(number),
         impressions=job.folder("impressions", number) / "shard-*.parquet",
         listens=job.folder("listens", number) / "shard-*.parquet",
         file=job.joined_file(number, 0))  # fmt: skip


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "3GB"})
    connection.execute("SET enable_progress_bar = false")
    key = KEY.ljust(BLOCK, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in key).hex() for pad in (0x36, 0x5C))
    connection.execute(f"""CREATE MACRO pseudonym(id) AS left(sha256(
        unhex('{outer}') || unhex(sha256(unhex('{inner}') || encode(id)))), 16)""")
    return connection


@cache
def _tracks(job: Job) -> None:
    """The catalogue, and for each track and artist the word and bit that a sketch sets for it."""
    _run("tracks", file=job.tracks)
    for name in ("track", "artist"):
        names = _connection().sql(f"SELECT DISTINCT {name} FROM catalogue").df()[name]
        hashed = pd.util.hash_array(np.asarray(names, dtype=object), categorize=False) % 1024
        bit = np.uint64(1) << (hashed % np.uint64(64))
        bits = pd.DataFrame({name: names, "word": hashed // 64, "bit": bit.view(np.int64)})
        _connection().register("hashed", bits)
        _connection().execute(f"CREATE TABLE {name}_bits AS SELECT {name}, word::TINYINT AS word, "
                              "bit FROM hashed")
    _connection().execute("ALTER TABLE track_bits ADD number INT")
    _connection().execute("UPDATE track_bits SET number = catalogue.number FROM catalogue "
                          "WHERE catalogue.track = track_bits.track")


def _words(name: str) -> str:
    return ", ".join(f"coalesce(bit_or(bit) FILTER (word = {word}), 0) AS {name}_{word}"
                     for word in range(16))


def _run(script: str, **values: object) -> None:
    text = Path(__file__).with_name(f"{script}.sql").read_text()
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    _connection().execute(text)
