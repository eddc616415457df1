"""Settings of Spark, section ``[spark]`` of ``luigi.cfg``; used with ``[engine] runs_on``."""

import importlib.util
import os
import shutil
from pathlib import Path

from tasks.engine.configured import Misconfigured, Section, setting, written
from tasks.engine.settings import Settings

ENGINES = ("luigi", "spark")


class SparkSettings(Section, section="spark"):
    """Which Spark recipes run on."""

    passed_on = "spark."

    master: str = setting(
        "local[2]",
        "the cluster, as Spark writes it: `local[2]` (two processes of this machine), `yarn`, "
        "`k8s://https://HOST:PORT`, `spark://HOST:7077`. A program that `spark-submit` started "
        "runs where that says, unless this is set")
    app_name: str = setting("setlist", "what the application is called on Spark's own pages")


class SparkMissing(Misconfigured):
    """The settings ask for Spark, and it is not installed."""


def options(settings: SparkSettings) -> dict[str, str]:
    """What the session is made with: what we need, then what the section says."""
    own = {
        "spark.app.name": settings.app_name,
        "spark.sql.session.timeZone": "UTC",
        # Each recipe has a process of its own, forked from one that imported what it needs.
        "spark.python.worker.reuse": "false",
        "spark.python.daemon.module": "tasks.engine.spark_daemon",
        # A lost rank fails its task at once; Luigi and whoever runs it say when to try again.
        "spark.stage.maxConsecutiveAttempts": "1",
        "spark.ui.showConsoleProgress": "false",
    }  # fmt: skip
    if settings.master.startswith("local"):
        own |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
                "spark.ui.enabled": "false"}  # fmt: skip
    if "PYSPARK_GATEWAY_PORT" not in os.environ or dict(written("spark")).get("master"):
        own["spark.master"] = settings.master
    said = written("spark", raw=False)
    return own | {name: text for name, text in said if name.startswith("spark.") and text}


def refuse_unready(settings: Settings) -> None:
    """Raise `Misconfigured` for an engine nobody knows, `SparkMissing` when it is not there."""
    if settings.runs_on not in ENGINES:
        raise Misconfigured(
            f"[engine] runs_on is {settings.runs_on!r}; it must be {' or '.join(ENGINES)}."
        )
    if settings.runs_on == "spark" and (lacking := _lacking()):
        raise SparkMissing(
            f"[engine] runs_on is spark, and {lacking}. Install PySpark with "
            "pip install 'setlist[spark]' (in a checkout: make setup-spark) and Java 17, or set "
            "runs_on = luigi; artifacts are the same."
        )


def _lacking() -> str:
    if importlib.util.find_spec("pyspark") is None:
        return "there is no Python package pyspark here"
    home = os.environ.get("JAVA_HOME")
    java = Path(home, "bin", "java") if home else shutil.which("java")
    if "PYSPARK_GATEWAY_PORT" in os.environ or (java and os.access(java, os.X_OK)):
        return ""
    return f"there is no Java: {home} (JAVA_HOME) has none" if home else "there is no java on PATH"
