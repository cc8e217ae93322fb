"""The Spark session, set up in one place; dbt finds it in its own process."""

from __future__ import annotations

import os
import time
from pathlib import Path

from pyspark.sql import SparkSession

MASTER = "local-cluster[2,1,1024]"
"""Two executors as processes of their own, with a core and 1,024 MiB each: a cluster in small, on one machine."""


def settings(home: Path, master: str) -> dict[str, str]:
    """Return the session's settings: catalog and tables under `home`, times in UTC, Parquet tables.

    What a cluster decides (memory, cores, shuffle partitions) can be overruled by `spark-defaults.conf` there; the
    settings from the time zone on are what this project's SQL rests on.
    """
    metastore = f"jdbc:derby:;databaseName={home / 'metastore'};create=true"
    return {
        "spark.master": master,
        "spark.driver.memory": "2g",
        "spark.executor.memory": "1g",
        "spark.sql.shuffle.partitions": "8",  # of a large warehouse: two to three a core; Spark joins small ones
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={home}",
        "spark.sql.warehouse.dir": str(home / "tables"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": metastore,
        "spark.sql.session.timeZone": "UTC",  # raw's times are UTC, and a partition's name is written in this zone
        "spark.sql.sources.default": "parquet",
        "spark.sql.sources.partitionOverwriteMode": "dynamic",  # only partitions that get rows are written again
    }


def start(home: Path, master: str | None = None) -> SparkSession:
    """Start the session, with its catalog in `home`; `IMR_SPARK_MASTER` or `master` names another cluster.

    One process at a time may have a home open: its catalog is an embedded Derby database.
    """
    os.environ["TZ"] = "UTC"  # Python gets Spark's times in the process's zone
    time.tzset()
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    builder = SparkSession.builder.appName("imr-warehouse").enableHiveSupport()
    for name, value in settings(home, master or os.environ.get("IMR_SPARK_MASTER", MASTER)).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session
