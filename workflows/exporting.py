"""An artifact as other tools read it: a table as Parquet or CSV, anything as files."""

import shutil
from pathlib import Path
from typing import Any

from tasks.engine.manifest import Manifest
from workflows.naming import UnknownName

_TABLES = (".csv", ".parquet")


def export(manifest: Manifest, value: Any, folder: Path, target: Path) -> str:
    """Write an artifact to ``target``; says in words what was written.

    ``target`` is a ``.csv`` or ``.parquet`` file for an artifact that is a table, or a folder
    for the files of any artifact (which lie in ``folder``). Raises `UnknownName`.
    """
    if target.suffix in _TABLES:
        return _table(manifest, value, target)
    if target.suffix:
        raise UnknownName(f"--export {target}: expected {' or '.join(_TABLES)}, or a folder.")
    target.mkdir(parents=True, exist_ok=True)
    for name in manifest.payload:
        shutil.copyfile(folder / name, target / name)
    return f"{len(manifest.payload)} file(s) in {target}: {', '.join(manifest.payload)}"


def _table(manifest: Manifest, value: Any, target: Path) -> str:
    if not hasattr(value, "to_parquet"):
        raise UnknownName(
            f"--export {target}: {manifest.task}/{manifest.label} is no table; it holds "
            f"{', '.join(manifest.payload)}. Name a folder to have its files."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix == ".csv":
        value.to_csv(target, index=False)
    else:
        value.to_parquet(target, index=False)
    return f"{len(value):,} rows, {len(value.columns)} columns in {target}"
