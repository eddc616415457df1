"""The same inputs give the same bytes: here, in another process, and from four shards."""

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from conformance import elsewhere, stages
from conformance.comparing import assert_same, ordered
from conformance.small_world import SmallWorld
from ml.family import Family
from tasks.engine import codec


def the_same_inputs_give_the_same_bytes(family: Family, world: SmallWorld) -> None:
    """Another process, with another PYTHONHASHSEED, writes the very files this one does."""
    here, there = digests(family, world), elsewhere.digests(family, world)
    differ = [name for name in here if here[name] != there.get(name)]
    assert not differ, (
        f"In another process with another PYTHONHASHSEED, expected the same bytes of "
        f"{differ[0]}, found others ({len(differ)} of {len(here)} files differ). Sort what comes "
        "out of a set, and everything whose order is not given."
    )


def four_shards_give_what_one_gives(family: Family, world: SmallWorld) -> None:
    """Examples, candidates and the trained model do not know how many shards there are."""
    numbers = stages.shards(sharded=True)
    what = "From four shards, in the {}"
    parts = [stages.examples(family, world, shard=number) for number in numbers]
    whole = stages.examples(family, world)
    assert_same(ordered(whole), ordered(pd.concat(parts)), what.format("examples"))
    parts = [stages.candidates(family, world, shard=number) for number in numbers]
    whole = stages.candidates(family, world)
    assert_same(ordered(whole), ordered(pd.concat(parts)), what.format("candidates"))
    one, four = (stages.nightly_model(family, world, sharded=sharded) for sharded in (False, True))
    differ = [name for name in one if digest(one[name]) != digest(four.get(name))]
    assert not differ, f"From four shards, expected the same {differ[0]} as from one; it differs."


def digests(family: Family, world: SmallWorld) -> dict[str, str]:
    """A hash of the bytes of every file that the family's night gives."""
    made = {
        "summary": stages.summary(family, world, world.day),
        "pooled": stages.pooled(family, world, world.day),
        "definitions": stages.definitions(family, world),
        "examples": {"examples.parquet": stages.examples(family, world)},
        "candidates": {"candidates.parquet": stages.candidates(family, world)},
        "model": stages.nightly_model(family, world),
    }
    return {
        f"{stage}/{name}": digest(value)
        for stage, files in made.items()
        for name, value in (files or {}).items()
    }


def digest(value: Any) -> str:
    """The hash of the file that a value is written to."""
    with tempfile.TemporaryDirectory() as folder:
        codec.write(value, Path(folder))
        written = sorted(path for path in Path(folder).iterdir())
        return hashlib.sha256(b"".join(path.read_bytes() for path in written)).hexdigest()
