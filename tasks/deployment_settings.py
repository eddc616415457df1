"""The settings of a deployment: sections ``[setlist]`` and ``[world]`` of ``luigi.cfg``."""

from pathlib import Path

from tasks.engine.configured import Section, setting


class SetlistSettings(Section, section="setlist"):
    """The source, its place and its shards, the registry, and what people keep beside them."""

    source: str = setting(
        "world",
        "where data comes from: `world` (built in, needs no files), `parquet`, `digix`, "
        "`eventlog` or `lastfm`. See [data contracts](data-contracts.md)")
    folder: str = setting(
        "",
        "the folder of the source's files, or their place in a bucket: `gs://name/prefix`. "
        "See [production](production.md#sources-in-a-bucket). The world needs none")
    shards: int = setting(
        1,
        "into how many parts listeners are split, by a hash of their pseudonym. More shards "
        "need less memory each and can run side by side. Another number builds everything "
        "from ingestion again, and gives the same models")
    registry: str = setting(
        "sqlite:///var/registry.db",
        "the MLflow tracking and registry address: a SQLite file, "
        "`postgresql://USER@HOST:5432/DATABASE`, or the `http://` address of an MLflow "
        "server. See [production](production.md#the-registry-on-postgresql) for the password "
        "and many writers")
    registry_artifacts: str = setting(
        "",
        "the folder or bucket of the models' files. With PostgreSQL and a bucket it is the "
        "store's address with `-registry` behind it; with PostgreSQL and a folder, "
        "`var/registry-artifacts`; a server has a place of its own",
        shown="beside the SQLite file or the store")
    forgotten: str = setting(
        "var/forgotten.csv",
        "the list of listeners who asked to be forgotten; it need not exist. See [data "
        "contracts](data-contracts.md#consent-and-forgetting)")
    segment_names: str = setting(
        "segment_names.csv",
        "a person's names for segments, `segment,name` a line; it need not exist. See [user "
        "segmentation](user-segmentation.md#names)")
    requests: str = setting(
        "var/requests",
        "the folder of audience requests, one JSON file each, with the lists of listeners "
        "they name; it need not exist. See [audiences](audiences.md)")
    night_lock: Path = setting(
        Path("var/nightly.lock"),
        "the file on which the cron line of a night holds a lock (`flock`). "
        "[Backfills](operate.md#nights-of-the-past) wait while somebody holds it. Another "
        "path must be changed in the cron line as well")
    minimum_audience: int = setting(
        1000,
        "an audience of fewer listeners is not published, and its size is written nowhere. "
        "The shipped 50 suits a world of 1,500 invented listeners; with real ones keep at "
        "least 1000")


class TrainingSettings(Section, section="training"):
    """In how many processes a family's model is trained."""

    ranks: int = setting(
        1,
        "in how many processes at once `TrainModel` learns, each from its share of the rows: "
        "local ones, or with `[engine] runs_on = spark` those of executors. **It changes "
        "models**, and is part of their keys, so it must be the same wherever a deployment "
        "runs. See [a cluster](cluster.md#training-in-ranks)")


class WorldSettings(Section, section="world"):
    """The built-in listening world."""

    listeners: int = setting(
        1500,
        "how many listeners the built-in world has")
    seed: int = setting(
        7,
        "another seed is another world; the same seed is the same world, to the byte, on "
        "every machine")
