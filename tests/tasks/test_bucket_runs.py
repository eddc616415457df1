"""Runs of Luigi on a bucket: what they ask of it, what they copy, and how they mend it."""

import functools
import shutil
from pathlib import Path

import luigi
import pytest
from luigi import configuration
from store_places import same_size

from tasks.engine import ArtifactTask, SourceTask, build, ledger, plan, why, workshop
from tasks.engine.bucket import Bucket

QUIET = {"log_level": "CRITICAL"}


class Seed(SourceTask):
    def path(self):
        return "seed.txt"


class Leaf(ArtifactTask):
    number = luigi.IntParameter()

    def requires(self):
        return {"seed": Seed()}

    def recipe(self):
        return functools.partial(grow, number=self.number)


class Tree(ArtifactTask):
    leaves = luigi.IntParameter(default=3)

    def requires(self):
        return {"leaves": [Leaf(number=number) for number in range(self.leaves)]}

    def recipe(self):
        return add


class Alone(ArtifactTask):
    """Its recipe runs in a process of its own, which reads its inputs from the bucket itself."""

    isolated = True

    def requires(self):
        return {"tree": Tree()}

    def recipe(self):
        return weigh


def grow(seed, number):
    return {"leaf.json": number + len(seed.read_text()), "bark.txt": "bark"}


def add(leaves):
    return sum(leaf["leaf.json"] for leaf in leaves)


def weigh(tree: Path):
    return {"weight": len(tree.read_text())}


@pytest.fixture
def bucket(place, any_gcs):
    """A folder to work in, as after `place`, whose store is a bucket."""
    url = f"gs://{any_gcs.new_bucket()}/some/prefix"
    options = {"root": url, "cache": "cache", "listing_seconds": "60"}
    for option, value in options.items():
        configuration.get_config().set("engine", option, value)
    lines = [f"{option} = {value}\n" for option, value in options.items()]
    (place / "luigi.cfg").write_text("[engine]\n" + "".join(lines))
    (place / "seed.txt").write_text("four")
    return Bucket(url)


def another_machine():
    """Forget what this process knows, and every copy."""
    workshop._workshops.clear()
    shutil.rmtree("cache", ignore_errors=True)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_night_is_built_once_for_all_machines(bucket, workers):
    summary = build([Tree()], workers=workers, **QUIET)
    assert summary.succeeded and len(summary.built) == 4
    another_machine()
    again = build([Tree()], workers=workers, **QUIET)
    assert again.succeeded and again.outcomes == []
    assert Tree().output().load() == 4 + 5 + 6
    assert not [one for one in bucket.list() if one.name.startswith("_")], "leases were given back"


def test_a_night_in_which_nothing_changed_costs_one_listing_and_no_other_request(gcs, bucket):
    tree = Tree(leaves=60)
    assert len(build([tree], **QUIET).built) == 61
    another_machine()
    with gcs.counted() as counts:
        assert plan(tree).having("build") == []
        assert build([tree], **QUIET).outcomes == []
    assert counts == {"list": 1}, "183 objects are one page"


def test_a_listing_costs_one_request_for_each_thousand_objects(gcs, bucket):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: bucket.create(f"x/y/{number}/manifest.json", b""),
                         range(1001)))  # fmt: skip
    with gcs.counted() as counts:
        assert len(list(bucket.list())) == 1001
    assert counts == {"list": 2}


def test_a_damaged_payload_is_rebuilt_before_anything_is_computed_on_it(bucket):
    assert build([Tree()], **QUIET).succeeded
    [one] = [one for one in bucket.list("Leaf/1/") if one.name.endswith("leaf.json")]
    bucket.replace(one.name, same_size(bucket.read(one.name)), one.generation)
    [manifest] = [one for one in bucket.list("Tree/") if one.name.endswith("manifest.json")]
    bucket.delete(manifest.name, manifest.generation)
    another_machine()
    summary = build([Tree()], **QUIET)
    assert summary.succeeded and {one.task for one in summary.built} == {"Leaf", "Tree"}
    assert Tree().output().load() == 15
    assert list(bucket.list("_corrupt/Leaf/1/"))


def test_what_is_gone_is_said_and_built_again(bucket):
    assert build([Tree()], **QUIET).succeeded
    for one in bucket.list("Tree/"):
        bucket.delete(one.name, one.generation)
    workshop._workshops.clear()
    assert [str(reason) for reason in why(Tree())[1]] == ["payload its objects are gone"]
    assert [one.task for one in build([Tree()], **QUIET).built] == ["Tree"]


def test_a_recipe_in_its_own_process_reads_from_the_bucket(bucket):
    assert build([Tree()], **QUIET).succeeded
    another_machine()
    assert [one.task for one in build([Alone()], **QUIET).built] == ["Alone"]
    assert Alone().output().load() == {"weight": 3}


def test_other_tools_find_the_files_of_an_output(bucket):
    assert build([Leaf(number=1)], **QUIET).succeeded
    another_machine()
    folder = Path(Leaf(number=1).output().path)
    names = sorted(one.name for one in folder.iterdir())
    assert names == ["bark.txt", "leaf.json", "manifest.json"]
    assert folder.is_relative_to(Path("cache").absolute())


def test_the_store_that_fails_now_and_then_fails_no_night(gcs, bucket):
    kinds = ("drop", "status", "reset", "truncate", "duplicate")
    with gcs.broken(*({"kind": kind, "rate": 0.05} for kind in kinds), seed=2) as hits:
        assert build([Tree(leaves=6)], workers=2, **QUIET).succeeded
    assert sum(hits.values()) > 5
    assert Tree(leaves=6).output().load() == sum(range(4, 10))


def test_the_record_of_a_run_that_ended_is_known_to_another_machine_for_one_request(gcs, bucket):
    task = Tree()
    with ledger.opened(workshop.workshop(), task, plan(task)) as opened:
        build([task], opened.name, **QUIET)
        opened.end(0, [])
    another_machine()
    with ledger.opened(workshop.workshop(), task, plan(task)) as again:
        again.end(0, [])
    another_machine()
    with gcs.counted() as counts:
        found = ledger.recent(workshop.workshop(), nights=3)
    assert [one.name for one in found] == [again.name, opened.name]
    assert [len(one.outcomes) for one in found] == [0, 4] and found[1].state == "ended"
    assert counts["list"] == 2, "this month and the last, however old the store"


def test_recording_a_night_in_which_nothing_changed_costs_one_request(gcs, bucket):
    task = Tree()
    build([task], **QUIET)
    another_machine()
    with gcs.counted() as counts, ledger.opened(workshop.workshop(), task, plan(task)) as opened:
        opened.end(0, [])
    assert counts == {"list": 1, "multipart": 1}
