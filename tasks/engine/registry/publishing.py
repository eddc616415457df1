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

#: A tag of the registered model: the newest night when somebody last rolled back.
_ROLLED_BACK_AFTER = "rolled_back_after"


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
    decision = json.loads((decided / "decision.json").read_text(encoding="utf-8"))
    blessed = decision["verdict"] == "blessed"
    receipt = {
        "family": family, "day": night.isoformat(), "verdict": decision["verdict"],
        "reasons": decision["reasons"], "published": blessed,
        "live": "/".join(decided.parts[-3:]) if (decided / "model.txt").exists() else None,
        "live_day": decision["live_day"],
    }
    if not blessed:
        return receipt
    columns = columns_of(rows, json.loads((decided / "card.json").read_text("utf-8"))["features"])
    made = publish_again(decided, evaluated, columns, family=family, night=night,
                         tracking=tracking, loader=loader)
    return {**receipt, "model": model_name(family), "version": made.number,
            "digest": made.digest, "columns": columns}


def publish_again(
    decided: Path, evaluated: dict[str, Any], columns: dict[str, str], *, family: str,
    night: dt.date, tracking: RegistryAddress, loader: str, rolled_back_after: str | None = None,
) -> Version:
    """Register a decision's model unless it is registered, and make it the champion.

    ``columns`` are the model's features with MLflow's names of their types. A champion of a later
    night is left alone, unless it is said after which night somebody last rolled back ("" when
    nobody did): then the model becomes the champion whoever was it, and nights up to that one
    leave it alone from now on.
    """
    files = {name: (decided / name).read_text(encoding="utf-8") for name in _FILES}
    digest = digest_of([text for name in sorted(files) for text in (name, files[name])])
    packed, name = Packed(files, loader, columns), model_name(family)
    with opened(tracking, name) as client:
        number = _registered(client, name, packed, digest, evaluated["evaluation.json"],
                             family, night, tracking)
        is_asked = rolled_back_after is not None
        if is_asked:
            client.set_registered_model_tag(name, _ROLLED_BACK_AFTER, rolled_back_after)
        if is_asked or not _is_held_by_a_later_night(client, name, night):
            client.set_registered_model_alias(name, "champion", number)
    return Version(number, digest, night.isoformat())


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
    client: Any, name: str, packed: Packed, digest: str, evaluation: dict[str, Any], family: str,
    night: dt.date, tracking: RegistryAddress,
) -> str:
    """The version that holds these files, which is made unless it is there."""
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    known = [one for one in _versions(client, name) if one.digest == digest]
    return known[0].number if known else _log(
        client, name, packed, digest, evaluation, family, night, tracking)


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
    """An old night that is built again registers its model, and leaves the champion alone.

    So does a night after which somebody rolled back.
    """
    model = client.get_registered_model(name)
    holder = model.aliases.get("champion")
    if holder is None:
        return False
    if model.tags.get(_ROLLED_BACK_AFTER, "") >= night.isoformat():
        return True
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
