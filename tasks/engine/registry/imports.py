"""What a publication imports: processes that are forked where this was imported have it."""

import importlib

from tasks.engine.registry.database import quiet

quiet()
for _name in ("lightgbm", "mlflow.models", "mlflow.store.db.utils",
              "mlflow.store.tracking.sqlalchemy_store"):  # fmt: skip
    importlib.import_module(_name)
