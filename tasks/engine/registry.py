"""The model registry; the only place that knows MLflow.

A model is known by the digest of its files, kept as a tag of its version. Publishing the same
files again finds that version instead of making another, so a crash between registering and
the receipt is harmless.
"""

import datetime as dt
import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tasks.engine.identity import digest_of

_FILES = ("model.txt", "card.json", "calibration.json")
_REQUIREMENTS = ("lightgbm", "numpy", "pandas", "scipy")


def publish(
    decided: Path, evaluated: dict[str, Any], *, family: str, night: dt.date, tracking_uri: str
) -> dict[str, Any]:
    """Make the registry's champion the model a decision says should be live; the receipt.

    A refused night publishes nothing. ``live`` in the receipt names the decision (relative to
    the store's root) whose model is live after the night, or is None.
    """
    files = {name: (decided / name).read_text(encoding="utf-8")
             for name in ("decision.json", *_FILES) if (decided / name).exists()}
    decision = json.loads(files.pop("decision.json"))
    blessed = decision["verdict"] == "blessed"
    receipt = {
        "family": family, "day": night.isoformat(), "verdict": decision["verdict"],
        "reasons": decision["reasons"], "published": blessed,
        "live": "/".join(decided.parts[-3:]) if files else None, "live_day": decision["live_day"],
    }
    if not blessed:
        return receipt
    digest = digest_of([text for name in sorted(files) for text in (name, files[name])])
    version = _registered(files, digest, evaluated["evaluation.json"], family, night, tracking_uri)
    return {**receipt, "model": _model_name(family), "version": version, "digest": digest}


def _model_name(family: str) -> str:
    return f"setlist-{family}"


def _registered(
    files: dict[str, str], digest: str, evaluation: dict[str, Any], family: str, night: dt.date,
    tracking_uri: str,
) -> str:
    """The version that holds these files, with the alias ``champion`` on it."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING"] = "false"
    import mlflow

    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with _initialised_once(tracking_uri):
        mlflow.set_tracking_uri(tracking_uri)
        client = mlflow.MlflowClient(tracking_uri, tracking_uri)
        name = _model_name(family)
        found = _known_version(client, name, digest)
    version = found or _log(client, name, files, digest, evaluation, family, night, tracking_uri)
    if not _is_held_by_a_later_night(client, name, night):
        client.set_registered_model_alias(name, "champion", version)
    return str(version)


def _is_held_by_a_later_night(client: Any, name: str, night: dt.date) -> bool:
    """An old night that is built again registers its model, and leaves the champion alone."""
    holder = client.get_registered_model(name).aliases.get("champion")
    if holder is None:
        return False
    held = client.get_model_version(name, holder).tags.get("night", "")
    return bool(held > night.isoformat())


def _known_version(client: Any, name: str, digest: str) -> str | None:
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
        return None
    for one in client.search_model_versions(f"name = '{name}'"):
        if one.tags.get("digest") == digest:
            return str(one.version)
    return None


def _log(
    client: Any, name: str, files: dict[str, str], digest: str, evaluation: dict[str, Any],
    family: str, night: dt.date, tracking_uri: str,
) -> str:
    import lightgbm
    import mlflow

    experiment = client.get_experiment_by_name(family)
    if experiment is None:
        client.create_experiment(family, artifact_location=_artifacts_beside(tracking_uri))
    mlflow.set_experiment(family)
    with mlflow.start_run(run_name=f"{family} {night}"):
        mlflow.log_params({"night": night.isoformat(), "rows": evaluation["rows"]})
        mlflow.log_metrics(_figures(evaluation))
        for file, text in files.items():
            mlflow.log_text(text, file)
        logged = mlflow.lightgbm.log_model(
            lightgbm.Booster(model_str=files["model.txt"]), name=family,
            pip_requirements=list(_REQUIREMENTS), signature=_signature(files),
        )
    made = client.create_model_version(
        name, logged.model_uri, tags={"digest": digest, "night": night.isoformat()},
        model_id=logged.model_id,
    )
    return str(made.version)


def _artifacts_beside(tracking_uri: str) -> str | None:
    """Keep a SQLite registry's files beside it, not in whatever folder we run in."""
    scheme, _, place = tracking_uri.partition(":///")
    if not scheme.startswith("sqlite"):
        return None  # a server knows its own place
    path = Path(place).absolute()
    return path.with_name(f"{path.stem}-artifacts").as_uri()


def _figures(evaluation: dict[str, Any]) -> dict[str, float]:
    model = evaluation["metrics"]["model"]
    return {name: figure["value"] for name, figure in model.items() if figure["value"] is not None}


def _signature(files: dict[str, str]) -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    features = json.loads(files["card.json"])["features"]
    return ModelSignature(
        inputs=Schema([ColSpec("double", name) for name in features]),
        outputs=Schema([ColSpec("double")]),
    )


@contextmanager
def _initialised_once(tracking_uri: str) -> Iterator[None]:
    """Let one process at a time make a fresh SQLite registry: its migrations race otherwise."""
    scheme, _, place = tracking_uri.partition(":///")
    if not scheme.startswith("sqlite"):
        yield
        return
    path = Path(place)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield
