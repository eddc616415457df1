"""Making a decision's model the registry's champion.

A model is known by the digest of its files, kept as a tag of its version. Publishing the same
files again finds that version instead of making another, so a crash between registering and
the receipt is harmless, and a lost registry is made again from the same files.
"""

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.engine.identity import digest_of
from tasks.engine.registry.address import RegistryAddress
from tasks.engine.registry.database import looked_at, opened
from tasks.engine.registry.flavor import Packed, columns_of

_FILES = ("model.txt", "card.json", "calibration.json")


@dataclass(frozen=True)
class Version:
    """A registered model."""

    number: str
    digest: str
    night: str


def publish(
    decided: Path, evaluated: dict[str, Any], rows: Path, *, family: str, night: dt.date,
    tracking: RegistryAddress, loader: str,
) -> dict[str, Any]:
    """Make the registry's champion the model a decision says should be live; the receipt.

    A refused night publishes nothing. ``live`` in the receipt names the decision (relative to
    the store's root) whose model is live after the night, or is None. ``rows`` is a table with
    the model's features: only its columns are looked at. ``loader`` is the module that loads the
    bundle (it has MLflow's ``_load_pyfunc``). Raises the subclasses of `RegistryError`.
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
    packed = Packed(files, loader, columns_of(rows, json.loads(files["card.json"])["features"]))
    made = _registered(packed, digest, evaluated["evaluation.json"], family, night, tracking)
    return {**receipt, "model": model_name(family), "version": made, "digest": digest}


def model_name(family: str) -> str:
    """The name of a family's model in the registry."""
    return f"setlist-{family}"


def versions_in(tracking: RegistryAddress, family: str) -> list[Version]:
    """The registered models of a family. Raises the subclasses of `RegistryError`."""
    with looked_at(tracking) as client:
        return _versions(client, model_name(family)) if client is not None else []


def champion_in(tracking: RegistryAddress, family: str) -> Version | None:
    """The model with the alias ``champion``, if there is one."""
    name = model_name(family)
    with looked_at(tracking) as client:
        if client is None or not client.search_registered_models(f"name = '{name}'"):
            return None
        number = client.get_registered_model(name).aliases.get("champion")
        return next((one for one in _versions(client, name) if one.number == str(number)), None)


def _registered(
    packed: Packed, digest: str, evaluation: dict[str, Any], family: str, night: dt.date,
    tracking: RegistryAddress,
) -> str:
    """The version that holds these files, with the alias ``champion`` on it."""
    name = model_name(family)
    with opened(tracking, name) as client:
        if not client.search_registered_models(f"name = '{name}'"):
            client.create_registered_model(name)
        known = [one for one in _versions(client, name) if one.digest == digest]
        number = known[0].number if known else _log(
            client, name, packed, digest, evaluation, family, night, tracking)
        if not _is_held_by_a_later_night(client, name, night):
            client.set_registered_model_alias(name, "champion", number)
        return number


def _versions(client: Any, name: str) -> list[Version]:
    """Every version of a model, oldest first."""
    found: list[Version] = []
    token = None
    while True:
        page = client.search_model_versions(f"name = '{name}'", page_token=token)
        found += [Version(str(one.version), one.tags.get("digest", ""), one.tags.get("night", ""))
                  for one in page]
        token = page.token
        if not token:
            return sorted(found, key=lambda one: int(one.number))


def _is_held_by_a_later_night(client: Any, name: str, night: dt.date) -> bool:
    """An old night that is built again registers its model, and leaves the champion alone."""
    holder = client.get_registered_model(name).aliases.get("champion")
    if holder is None:
        return False
    held = client.get_model_version(name, holder).tags.get("night", "")
    return bool(held > night.isoformat())


def _log(
    client: Any, name: str, packed: Packed, digest: str, evaluation: dict[str, Any],
    family: str, night: dt.date, tracking: RegistryAddress,
) -> str:
    import mlflow
    from mlflow.models import Model

    mlflow.set_tracking_uri(tracking.url)
    if client.get_experiment_by_name(family) is None:
        client.create_experiment(family, artifact_location=tracking.files)
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


def _figures(evaluation: dict[str, Any]) -> dict[str, float]:
    model = evaluation["metrics"]["model"]
    return {name: figure["value"] for name, figure in model.items() if figure["value"] is not None}
