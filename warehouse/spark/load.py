"""Run files into raw's tables on Spark: what `warehouse.build.load` does on DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from warehouse.runs.run import Run
from warehouse.runs.run_files import list_chunk_files
from warehouse.runs.schema import FILE_COLUMNS, KEYS, LETTER_TABLES, SCHEMAS, STAMP, TEXTS

_TYPES = {
    pa.string(): "STRING",
    pa.int32(): "INT",
    pa.int64(): "BIGINT",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    STAMP: "TIMESTAMP",
    TEXTS: "ARRAY<STRING>",
}
ROWS_A_FILE = 500_000
"""Of a table's partition, at most."""


def load_run(spark: SparkSession, run: Run, loaded_at: datetime) -> dict[str, int]:
    """Load a run's files into raw and return the rows written a table; `loaded_at` is UTC.

    A letter that was read before is replaced, with all that hangs on it; what a reparse withdraws or keeps, and what
    another load has brought since this one's scan, is treated as `warehouse.build.load.load_run` says. Tables are
    partitioned by load, and of older loads only those are written again that hold such a letter. There is no
    transaction over tables: a load that was broken off is run again, which replaces what it wrote, and the ledger
    is written last.
    """
    create_raw(spark)
    meanwhile = _loaded_meanwhile(spark, run)
    leaving = _leaving(spark, run, meanwhile)
    counts = {}
    for table in SCHEMAS:
        rows = _read(spark, run, table, loaded_at, [*meanwhile, *(run.kept() if table == "files" else [])])
        if table in LETTER_TABLES and leaving is not None:
            _remove(spark, f"raw.{table}", leaving)
        elif rows is not None and table not in LETTER_TABLES:
            _remove(spark, f"raw.{table}", rows.select(*KEYS[table]))
        if rows is not None and table == "files" and meanwhile:
            rows = rows.unionByName(_duplicates(spark, run, loaded_at, meanwhile))
        counts[table] = _insert(rows, table) if rows is not None else 0
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


def _loaded_meanwhile(spark: SparkSession, run: Run) -> list[str]:
    """Return the files that this run has read and another has loaded since its scan; none where it reads again."""
    if run.comparison.exists() or not list_chunk_files(run, "files"):
        return []
    read = _run_files(spark, run, "files").where("status <> 'duplicate'")
    others = spark.table("raw.files").where("status <> 'duplicate'").where(f.col("run_id") != run.run_id)
    found = read.join(others, ["sha256", "parser_version"], "left_semi").select("sha256").distinct()
    return [row.sha256 for row in found.collect()]


def _leaving(spark: SparkSession, run: Run, meanwhile: Sequence[str]) -> DataFrame | None:
    """Return the letters whose rows go out of raw before the run's come in, each once; `None` where there are none."""
    leaving = _named(spark, run.withdrawn(), "letter_id")
    if list_chunk_files(run, "letters"):
        leaving = leaving.union(_run_files(spark, run, "letters").select("letter_id"))
    elif not run.withdrawn():
        return None
    return leaving.join(_named(spark, meanwhile, "letter_id"), "letter_id", "left_anti").distinct()


def _read(spark: SparkSession, run: Run, table: str, loaded_at: datetime, left_out: Sequence[str]) -> DataFrame | None:
    """Return a table's rows as raw has them, but those of the files `left_out`; `None` where nothing was written."""
    if not list_chunk_files(run, table):
        return None
    rows = _run_files(spark, run, table)
    if left_out and table in FILE_COLUMNS:
        rows = rows.join(f.broadcast(_named(spark, left_out, FILE_COLUMNS[table])), FILE_COLUMNS[table], "left_anti")
    return _as_stored(spark, rows, table, loaded_at)


def _as_stored(spark: SparkSession, rows: DataFrame, table: str, loaded_at: datetime) -> DataFrame:
    columns = {field.name: _TYPES[field.type] for field in SCHEMAS[table]}
    stamp = f.lit(loaded_at.isoformat(sep=" ")).cast("timestamp")
    wanted = [name for name in spark.table(f"raw.{table}").columns if name != "loaded_at"]
    return rows.select(*(f.col(name).cast(columns[name]).alias(name) for name in wanted), stamp.alias("loaded_at"))


def _duplicates(spark: SparkSession, run: Run, loaded_at: datetime, meanwhile: Sequence[str]) -> DataFrame:
    """Return the ledger rows, as duplicates, of files that are loaded under another name by now."""
    rows = _as_stored(spark, _run_files(spark, run, "files"), "files", loaded_at)
    told = {"status": f.lit("duplicate")}
    told |= {name: f.lit(None).cast(rows.schema[name].dataType) for name in ("reason", "field", "detail", "page")}
    named = rows.where("status <> 'duplicate'").join(_named(spark, meanwhile, "sha256"), "sha256", "left_semi")
    unknown = named.join(spark.table("raw.files"), list(KEYS["files"]), "left_anti")
    # Computed now: later it would be asked of the table that it is written into.
    return unknown.withColumns(told).select(*rows.columns).localCheckpoint()


def _insert(rows: DataFrame, table: str) -> int:
    count = int(rows.count())
    rows.coalesce(1 + count // ROWS_A_FILE).write.insertInto(f"raw.{table}")
    return count


def _run_files(spark: SparkSession, run: Run, table: str) -> DataFrame:
    return spark.read.parquet(*(f"{run.place}/{name}" for name in list_chunk_files(run, table)))


def _named(spark: SparkSession, files: Sequence[str], column: str) -> DataFrame:
    return spark.createDataFrame([(file,) for file in files], f"{column} STRING")


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
