"""Where a deployment keeps what must survive it, as shell variables: for backup and restore."""

import shlex
import sys

from tasks.deployment import deployment
from tasks.engine.settings import read_settings

here, settings = deployment(), read_settings()
for name, value in {
    "ROOT": settings.bucket or settings.root,
    "REGISTRY": here.registry.url.replace("+psycopg", ""),
    "REGISTRY_FILES": (here.registry.files or "").removeprefix("file://"),
    "FORGOTTEN": here.forgotten,
    "SEGMENT_NAMES": here.segment_names,
    "REQUESTS": here.requests,
}.items():
    sys.stdout.write(f"{name}={shlex.quote(str(value))}\n")
