"""A model as a folder that MLflow can load, and LightGBM without us.

A version has two flavors. ``lightgbm`` is the plain text, which needs nothing of ours.
``python_function`` is the whole bundle, loaded by the module the publisher names, which answers
as the model does here. Both are open formats: there is no pickle.
"""

import json
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

_REQUIREMENTS = ("lightgbm", "numpy", "pandas", "scipy", "pyarrow")
_BUNDLE = "setlist"


class Packed:
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


def columns_of(rows: Path, features: list[str]) -> dict[str, str]:
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
