"""The model registry; the only place that knows MLflow.

A model is known by the digest of its files, kept as a tag of its version. Publishing the same
files again finds that version instead of making another, so a crash between registering and
the receipt is harmless.

A version has two flavors. ``lightgbm`` is the plain text, which needs nothing of ours.
``python_function`` is the whole bundle, loaded by the module the publisher names, which answers
as the model does here. Both are open formats: there is no pickle.
"""

import datetime as dt
import fcntl
import json
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tasks.engine.identity import digest_of

_FILES = ("model.txt", "card.json", "calibration.json")
_REQUIREMENTS = ("lightgbm", "numpy", "pandas", "scipy", "pyarrow")
_BUNDLE = "setlist"


def publish(
    decided: Path, evaluated: dict[str, Any], rows: Path, *, family: str, night: dt.date,
    tracking_uri: str, loader: str,
) -> dict[str, Any]:
    """Make the registry's champion the model a decision says should be live; the receipt.

    A refused night publishes nothing. ``live`` in the receipt names the decision (relative to
    the store's root) whose model is live after the night, or is None. ``rows`` is a table with
    the model's features: only its columns are looked at. ``loader`` is the module that loads the
    bundle (it has MLflow's ``_load_pyfunc``).
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
    packed = _Packed(files, loader, _columns(rows, json.loads(files["card.json"])["features"]))
    made = _registered(packed, digest, evaluated["evaluation.json"], family, night, tracking_uri)
    return {**receipt, "model": _model_name(family), "version": made, "digest": digest}


def _model_name(family: str) -> str:
    return f"setlist-{family}"


def _registered(
    packed: "_Packed", digest: str, evaluation: dict[str, Any], family: str, night: dt.date,
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
    number = found or _log(client, name, packed, digest, evaluation, family, night, tracking_uri)
    if not _is_held_by_a_later_night(client, name, night):
        client.set_registered_model_alias(name, "champion", number)
    return str(number)


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
    client: Any, name: str, packed: "_Packed", digest: str, evaluation: dict[str, Any],
    family: str, night: dt.date, tracking_uri: str,
) -> str:
    import mlflow
    from mlflow.models import Model

    experiment = client.get_experiment_by_name(family)
    if experiment is None:
        client.create_experiment(family, artifact_location=_artifacts_beside(tracking_uri))
    mlflow.set_experiment(family)
    with mlflow.start_run(run_name=f"{family} {night}"):
        mlflow.log_params({"night": night.isoformat(), "rows": evaluation["rows"]})
        mlflow.log_metrics(_figures(evaluation))
        for file, text in packed.files.items():
            mlflow.log_text(text, file)
        logged = Model.log(artifact_path=None, name=family, flavor=packed)
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


class _Packed:
    """A bundle as a flavor that MLflow can save: the text, and beside it the bundle's files."""

    __name__ = "setlist"

    def __init__(self, files: dict[str, str], loader: str, columns: dict[str, str]):
        self.files, self.loader, self.columns = files, loader, columns

    def save_model(self, path: str, mlflow_model: Any) -> None:
        """Write the model's folder; MLflow calls it with the place and the description."""
        import lightgbm
        import mlflow

        mlflow.lightgbm.save_model(
            lightgbm.Booster(model_str=self.files["model.txt"]), path, mlflow_model=mlflow_model,
            pip_requirements=_pinned(_REQUIREMENTS), signature=self._signature(),
            input_example=self._example(),
        )
        bundle = Path(path) / _BUNDLE
        bundle.mkdir()
        for name, text in self.files.items():
            (bundle / name).write_text(text, encoding="utf-8")
        mlflow_model.flavors["python_function"] |= {
            "loader_module": self.loader, "data": _BUNDLE,
        }
        mlflow_model.save(str(Path(path) / "MLmodel"))

    def _signature(self) -> Any:
        from mlflow.models import ModelSignature
        from mlflow.types import ColSpec, Schema

        classes = json.loads(self.files["card.json"])["classes"]
        outputs = [f"probability_{name}" for name in classes] if classes else ["probability"]
        return ModelSignature(
            inputs=Schema([ColSpec(kind, name, required=False)
                           for name, kind in self.columns.items()]),
            outputs=Schema([ColSpec("double", name) for name in outputs]),
        )

    def _example(self) -> Any:
        """One row that is nobody's: zeros, and the first word of each vocabulary."""
        import pandas

        words = json.loads(self.files["card.json"])["categorical"]
        zeros = {"long": 0, "double": 0.0}
        row = {name: zeros.get(kind, (words.get(name) or [""])[0])
               for name, kind in self.columns.items()}
        return pandas.DataFrame([row])


def _columns(rows: Path, features: list[str]) -> dict[str, str]:
    """The features a table has, each with MLflow's name for its type."""
    import pyarrow
    import pyarrow.parquet

    kinds = {field.name: field.type for field in pyarrow.parquet.read_schema(rows)}
    return {
        name: "long" if pyarrow.types.is_integer(kinds[name])
        else "double" if pyarrow.types.is_floating(kinds[name]) else "string"
        for name in features if name in kinds
    }


def _pinned(names: Iterable[str]) -> list[str]:
    return [f"{name}=={version(name)}" for name in names]


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
