"""Verification: what gives the same again is told from what does not, on both stores."""

import functools
import os
from pathlib import Path

import luigi
import pytest
from luigi import configuration

from tasks.engine import ArtifactTask, EffectTask, SourceTask, build, workshop
from tasks.engine.verifying import verify
from workflows.cli import main

QUIET = {"log_level": "CRITICAL"}
deeds = []


class Ore(SourceTask):
    def path(self):
        return "ore.txt"


class Ingot(ArtifactTask):
    heat = luigi.IntParameter(default=900)

    def requires(self):
        return {"ore": Ore()}

    def recipe(self):
        return functools.partial(smelt, heat=self.heat)


class Alloy(ArtifactTask):
    """Its recipe draws lots, and says so in one of its files."""

    def requires(self):
        return {"ingot": Ingot()}

    def recipe(self):
        return mix


class Coin(EffectTask):
    def requires(self):
        return {"alloy": Alloy()}

    def recipe(self):
        return strike


def smelt(ore, heat):
    return {"metal": ore.read_text(), "heat": heat}


def mix(ingot):
    return {"metal.txt": ingot["metal"], "luck.bin": os.urandom(16)}


def strike(alloy):
    deeds.append(alloy["luck.bin"])
    return {"struck": len(deeds)}


@pytest.fixture(params=["folder", "bucket"])
def store(request, place):
    (place / "ore.txt").write_text("copper")
    if request.param == "bucket":
        url = f"gs://{request.getfixturevalue('any_gcs').new_bucket()}"
        configuration.get_config().set("engine", "root", url)
    workshop._workshops.clear()
    assert build([Coin()], **QUIET).succeeded
    return workshop.workshop().store


def outcomes(found):
    return {one.task: (one.outcome, one.differing) for one in found}


def test_what_gives_the_same_again_is_told_from_what_does_not(store):
    before = len(deeds)
    assert outcomes(verify(Coin(), below=True)) == {
        "Ingot": ("same", []), "Alloy": ("different", ["luck.bin"]), "Coin": ("effect", []),
    }  # fmt: skip
    assert len(deeds) == before, "a deed was done again"


def test_the_store_is_as_it_was(store):
    before = Alloy().output().load()
    verify(Alloy())
    assert Alloy().output().load() == before
    assert build([Coin()], **QUIET).outcomes == []


def test_what_is_not_built_cannot_be_compared(store):
    [found] = verify(Ingot(heat=1))
    assert (found.outcome, found.name) == ("not built", f"Ingot/{Ingot(heat=1).label()}")


@pytest.mark.parametrize("task, options, code, says", [
    ("Ingot", [], 0, "1 same"),
    ("Alloy", [], 30, "luck.bin"),
    ("Ingot", ["--heat", "2"], 25, "not built"),
    ("Coin", ["--all"], 30, "1 same, 1 different, 1 effect"),
])  # fmt: skip
def test_the_command_says_it_and_its_exit_code_is_true(store, capsys, task, options, code, says):
    assert main(["verify", task, "--module", Path(__file__).stem, *options]) == code
    assert says in capsys.readouterr().out
