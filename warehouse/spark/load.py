"""Run files into raw's tables on Spark: what `warehouse.load` does on DuckDB."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from warehouse.run import Run
from warehouse.run_files import parts
from warehouse.schema import KEYS, SCHEMAS, STAMP, TEXTS

_LETTER_TABLES = ("letters", "decisions", "citations", "flags")
_TYPES = {
    pa.string(): "STRING",
    pa.int32(): "INT",
    pa.int64(): "BIGINT",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    STAMP: "TIMESTAMP",
    TEXTS: "ARRAY<STRING>",
}


def load_run(spark: SparkSession, run: Run, loaded_at: datetime) -> dict[str, int]:
    """Load a run's files into raw and return the rows written a table; `loaded_at` is UTC.

    A letter that was read before is replaced, with all that hangs on it. Tables are partitioned by load, and of
    older loads only those are written again that hold such a letter. There is no transaction over tables: a load
    that was broken off is run again, which replaces what it wrote, and the ledger is written last.
    """
    create_raw(spark)
    letters = _read(spark, run, "letters", loaded_at)
    arriving = letters.select("letter_id").distinct() if letters is not None else None
    counts = {}
    for table in SCHEMAS:
        rows = _read(spark, run, table, loaded_at)
        if table in _LETTER_TABLES and arriving is not None:
            _remove(spark, f"raw.{table}", arriving)
        elif rows is not None and KEYS[table]:
            _remove(spark, f"raw.{table}", rows.select(*KEYS[table]))
        counts[table] = sum(pq.read_metadata(file).num_rows for file in parts(run, table))
        if rows is not None:
            rows.coalesce(_files_for(counts[table])).write.insertInto(f"raw.{table}")
    return counts


def create_raw(spark: SparkSession) -> None:
    """Create raw's tables, and add the columns that a newer schema has over older tables."""
    spark.sql("CREATE SCHEMA IF NOT EXISTS raw")
    for table, schema in SCHEMAS.items():
        columns = {field.name: _TYPES[field.type] for field in schema}
        written = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        spark.sql(
            f"CREATE TABLE IF NOT EXISTS raw.{table} ({written}, loaded_at TIMESTAMP) USING parquet "
            "PARTITIONED BY (loaded_at)"
        )
        for name in columns.keys() - set(spark.table(f"raw.{table}").columns):
            spark.sql(f"ALTER TABLE raw.{table} ADD COLUMNS ({name} {columns[name]})")


def _read(spark: SparkSession, run: Run, table: str, loaded_at: datetime) -> DataFrame | None:
    files = [str(file) for file in parts(run, table)]
    if not files:
        return None
    columns = {field.name: _TYPES[field.type] for field in SCHEMAS[table]}
    stamp = f.lit(loaded_at.isoformat(sep=" ")).cast("timestamp")
    wanted = [name for name in spark.table(f"raw.{table}").columns if name != "loaded_at"]
    return spark.read.parquet(*files).select(
        *(f.col(name).cast(columns[name]).alias(name) for name in wanted), stamp.alias("loaded_at")
    )


def _remove(spark: SparkSession, table: str, keys: DataFrame) -> None:
    """Take the rows with these keys, each listed once, out of a table.

    The partitions they stand in are written again without them. One that keeps no row would not be written and
    stay as it was, so it is dropped.
    """
    stored = spark.table(table)
    names = keys.columns
    marked = stored.join(f.broadcast(keys.withColumn("is_replaced", f.lit(1))), names, "left")
    counts = marked.groupBy("loaded_at").agg(f.count("is_replaced").alias("replaced"), f.count(f.lit(1)).alias("rows"))
    touched = counts.where("replaced > 0").collect()
    left = [load.loaded_at for load in touched if load["rows"] > load.replaced]
    if left:
        kept = stored.where(f.col("loaded_at").isin(left)).join(f.broadcast(keys), names, "left_anti")
        kept.select(*stored.columns).repartition("loaded_at").write.insertInto(table, overwrite=True)
    for load in touched:
        if load.loaded_at not in left:
            when = load.loaded_at.isoformat(sep=" ")
            spark.sql(f"ALTER TABLE {table} DROP IF EXISTS PARTITION (loaded_at = '{when}')")


def _files_for(rows: int) -> int:
    return 1 + rows // 500_000
