"""The process that an executor's Python processes are forked from: the nursery of Spark.

Spark starts it as ``spark.python.daemon.module``. It imports what isolated recipes need and
never uses it; each recipe then has a fresh process at the price of a fork.
"""

import gc
import importlib

from tasks.engine.settings import read_settings

if __name__ == "__main__":
    for name in ("pyspark.worker", "tasks.engine.spark_executor",
                 *read_settings().isolated_preload):  # fmt: skip
        importlib.import_module(name)
    from pyspark.daemon import manager

    gc.collect()
    gc.freeze()  # what is here will not be written to, so that children share it
    manager()
