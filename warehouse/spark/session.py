"""Starts the Spark session, which dbt uses in the same process."""

from __future__ import annotations

import os
import time
from pathlib import Path

from pyspark.sql import SparkSession

MASTER = "local-cluster[2,1,1024]"
"""A small cluster on one machine: two executor processes with a core and 1,024 MiB each."""


def make_settings(home: Path, master: str) -> dict[str, str]:
    """Return the session's settings: catalog and tables in `home`, times in UTC, Parquet tables.

    A cluster may override memory, cores and shuffle partitions in its `spark-defaults.conf`. This project's SQL depends
    on the settings from the time zone on.
    """
    metastore = f"jdbc:derby:;databaseName={home / 'metastore'};create=true"
    return {
        "spark.master": master,
        "spark.driver.memory": "2g",
        "spark.executor.memory": "1g",
        "spark.sql.shuffle.partitions": "8",  # for a large warehouse two to three per core; Spark merges small ones
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={home}",
        "spark.sql.warehouse.dir": str(home / "tables"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": metastore,
        "spark.sql.session.timeZone": "UTC",  # times in raw are UTC, and names of partitions are written in this zone
        # New and on by default in Spark 4.3: a task may hold a union that it cannot deserialize (ClassCastException).
        "spark.sql.codegen.wholeStage.union.enabled": "false",
        "spark.sql.sources.default": "parquet",
        "spark.sql.sources.partitionOverwriteMode": "dynamic",  # only partitions with new rows are rewritten
    }


def start_session(home: Path, master: str | None = None) -> SparkSession:
    """Start the session with its catalog in `home`, on the cluster `master` or `IMR_SPARK_MASTER`.

    Only one process at a time can open a home, as its catalog is an embedded Derby database.
    """
    os.environ["TZ"] = "UTC"  # Python receives Spark's times in the zone of the process
    time.tzset()
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    builder = SparkSession.builder.appName("imr-warehouse").enableHiveSupport()
    for name, value in make_settings(home, master or os.environ.get("IMR_SPARK_MASTER", MASTER)).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session
