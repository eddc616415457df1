"""The model registry; the only place that knows MLflow.

::

    address      where it is: a SQLite file, PostgreSQL, or an MLflow server; where files go
    database     who may write now, whether its schema is ours, making and upgrading it
    refusals     what a database's errors mean, and what to do about each
    publishing   making a decision's model the champion
    imports      what a publication imports, once for several
    searching    every text of it, to prove that a name is in none
    flavor       a model as a folder that MLflow and LightGBM can load
"""

from tasks.engine.registry.address import RegistryAddress
from tasks.engine.registry.database import (
    Schema,
    clock,
    require_writable,
    schema_of,
    upgrade,
)
from tasks.engine.registry.flavor import columns_of
from tasks.engine.registry.publishing import (
    Version,
    champion_in,
    model_name,
    publish,
    publish_again,
    versions_in,
)
from tasks.engine.registry.searching import files_of, texts_in

__all__ = [
    "RegistryAddress", "Schema", "Version", "champion_in", "clock", "columns_of", "files_of",
    "model_name", "publish", "publish_again", "require_writable", "schema_of",
    "texts_in", "upgrade", "versions_in",
]
