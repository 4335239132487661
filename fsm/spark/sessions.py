"""A Spark session on this machine, set up so that its workers run the same Python as we do."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fsm.spark import extra

SETTINGS: Mapping[str, str] = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # A laptop's own name may not resolve, or to an address that its firewall closes.
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.session.timeZone": "UTC",
    # What travels is packed already: to pack it again takes time and saves nothing.
    "spark.shuffle.compress": "false",
    "spark.shuffle.spill.compress": "false",
    "spark.sql.inMemoryColumnarStorage.compressed": "false",
    # Large batches: each one is a trip between Java and Python.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
}


def local_session(
    cores: int,
    *,
    partitions: int | None = None,
    folder: str | None = None,
    memory: str = "2g",
    name: str = "fsm",
    settings: Mapping[str, str] | None = None,
) -> Any:
    """
    A session with so many worker threads on this machine; the running one if there is one.

    Args:
        cores: how many.
        partitions: `spark.sql.shuffle.partitions`; twice the cores if None.
        folder: where Spark may spill; its own default if None.
        memory: of the Java process; the Python workers come on top.
        name: of the application.
        settings: further settings, which win.

    Raises:
        MissingExtra: PySpark or Java is not installed.
    """
    extra.require()
    # Workers of another Python than ours could not even read what we send them.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # Without a configuration of your own: ours, and no warning about the names of this machine.
    os.environ.setdefault("SPARK_LOCAL_IP", SETTINGS["spark.driver.host"])
    if "SPARK_HOME" not in os.environ:
        os.environ.setdefault("SPARK_CONF_DIR", str(Path(__file__).with_name("conf")))
    from pyspark.sql import SparkSession

    wanted = {
        **SETTINGS,
        "spark.sql.shuffle.partitions": str(partitions or 2 * cores),
        "spark.driver.memory": memory,
        **({"spark.local.dir": folder, "spark.sql.warehouse.dir": f"{folder}/warehouse"} if folder else {}),
        **(settings or {}),
    }
    builder = SparkSession.builder.master(f"local[{cores}]").appName(name)
    for key, value in wanted.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()
