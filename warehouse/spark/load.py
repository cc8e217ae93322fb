"""Loads run files into the raw tables on Spark, as `warehouse.build.load` does on DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from warehouse.runs.run import Run
from warehouse.runs.run_files import list_chunk_files
from warehouse.runs.schema import FILE_COLUMNS, KEYS, LETTER_TABLES, LOAD_NUMBER, SCHEMAS, STAMP, TEXTS

_TYPES = {
    pa.string(): "STRING",
    pa.int32(): "INT",
    pa.int64(): "BIGINT",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    STAMP: "TIMESTAMP",
    TEXTS: "ARRAY<STRING>",
}
Stamp = tuple[int, datetime]
"""Number and time of a load."""
ROWS_PER_FILE = 500_000
"""Rows in one file of a partition, at most."""


def load_run(spark: SparkSession, run: Run, loaded_at: datetime) -> dict[str, int]:
    """Load a run's files into raw; return the rows written to each table. `loaded_at` is UTC.

    Letters that were read before, withdrawn, kept or loaded meanwhile are treated as in `warehouse.build.load`. Tables
    are partitioned by load; partitions of older loads are rewritten only if they hold a replaced letter. There is no
    transaction across tables: run an interrupted load again, which replaces what it wrote. The ledger is written last.
    """
    _create_raw_tables(spark)
    stamp = (_find_next_number(spark), loaded_at)
    meanwhile = _find_loaded_meanwhile(spark, run)
    replaced = _find_replaced_letters(spark, run, meanwhile)
    counts = {}
    for table in SCHEMAS:
        rows = _read_rows(spark, run, table, stamp, [*meanwhile, *(run.kept() if table == "files" else [])])
        if table in LETTER_TABLES and replaced is not None:
            _remove(spark, f"raw.{table}", replaced)
        elif rows is not None and table not in LETTER_TABLES:
            _remove(spark, f"raw.{table}", rows.select(*KEYS[table]))
        if rows is not None and table == "files" and meanwhile:
            rows = rows.unionByName(_make_duplicates(spark, run, stamp, meanwhile))
        counts[table] = _insert(rows, table) if rows is not None else 0
    return counts


def _create_raw_tables(spark: SparkSession) -> None:
    """Create the raw tables, and add columns of the schema that an existing table does not have."""
    spark.sql("CREATE SCHEMA IF NOT EXISTS raw")
    for table, schema in SCHEMAS.items():
        columns = {field.name: _TYPES[field.type] for field in schema} | {LOAD_NUMBER: "BIGINT"}
        written = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        spark.sql(
            f"CREATE TABLE IF NOT EXISTS raw.{table} ({written}, loaded_at TIMESTAMP) USING parquet "
            "PARTITIONED BY (loaded_at)"
        )
        for name in columns.keys() - set(spark.table(f"raw.{table}").columns):
            spark.sql(f"ALTER TABLE raw.{table} ADD COLUMNS ({name} {columns[name]})")


def _find_next_number(spark: SparkSession) -> int:
    """Return the number of this load: one more than that of any row."""
    numbers = " UNION ALL ".join(f"SELECT max({LOAD_NUMBER}) AS n FROM raw.{table}" for table in SCHEMAS)  # noqa: S608 - a closed list of names
    return int(spark.sql(f"SELECT coalesce(max(n), 0) + 1 AS n FROM ({numbers})").collect()[0].n)  # noqa: S608 - as above


def _find_loaded_meanwhile(spark: SparkSession, run: Run) -> list[str]:
    """Return the files of this run that another run has loaded since its scan; none for a reparse."""
    if run.comparison.exists() or not list_chunk_files(run, "files"):
        return []
    read = _open_run_files(spark, run, "files").where("status <> 'duplicate'")
    others = spark.table("raw.files").where("status <> 'duplicate'").where(f.col("run_id") != run.run_id)
    found = read.join(others, ["sha256", "parser_version"], "left_semi").select("sha256").distinct()
    return [row.sha256 for row in found.collect()]


def _find_replaced_letters(spark: SparkSession, run: Run, meanwhile: Sequence[str]) -> DataFrame | None:
    """Return the distinct letters whose rows are removed from raw before the insert; `None` where there are none."""
    replaced = _make_frame(spark, run.withdrawn(), "letter_id")
    if list_chunk_files(run, "letters"):
        replaced = replaced.union(_open_run_files(spark, run, "letters").select("letter_id"))
    elif not run.withdrawn():
        return None
    return replaced.join(_make_frame(spark, meanwhile, "letter_id"), "letter_id", "left_anti").distinct()


def _read_rows(spark: SparkSession, run: Run, table: str, stamp: Stamp, excluded: Sequence[str]) -> DataFrame | None:
    """Return a table's rows in raw's form, except those of the files `excluded`; `None` where nothing was written."""
    if not list_chunk_files(run, table):
        return None
    rows = _open_run_files(spark, run, table)
    if excluded and table in FILE_COLUMNS:
        rows = rows.join(
            f.broadcast(_make_frame(spark, excluded, FILE_COLUMNS[table])), FILE_COLUMNS[table], "left_anti"
        )
    return _cast_to_raw(spark, rows, table, stamp)


def _cast_to_raw(spark: SparkSession, rows: DataFrame, table: str, stamp: Stamp) -> DataFrame:
    number, loaded_at = stamp
    columns = {field.name: _TYPES[field.type] for field in SCHEMAS[table]} | {LOAD_NUMBER: "BIGINT"}
    loaded = f.lit(loaded_at.isoformat(sep=" ")).cast("timestamp")
    wanted = [name for name in spark.table(f"raw.{table}").columns if name != "loaded_at"]
    rows = rows.withColumn(LOAD_NUMBER, f.lit(number))
    return rows.select(*(f.col(name).cast(columns[name]).alias(name) for name in wanted), loaded.alias("loaded_at"))


def _make_duplicates(spark: SparkSession, run: Run, stamp: Stamp, meanwhile: Sequence[str]) -> DataFrame:
    """Return ledger rows, as duplicates, for files that another run has loaded under another name."""
    rows = _cast_to_raw(spark, _open_run_files(spark, run, "files"), "files", stamp)
    changed = {"status": f.lit("duplicate")}
    changed |= {name: f.lit(None).cast(rows.schema[name].dataType) for name in ("reason", "field", "detail", "page")}
    named = rows.where("status <> 'duplicate'").join(_make_frame(spark, meanwhile, "sha256"), "sha256", "left_semi")
    unknown = named.join(spark.table("raw.files"), list(KEYS["files"]), "left_anti")
    # Computed now, as the rows are later inserted into the table that they are computed from.
    return unknown.withColumns(changed).select(*rows.columns).localCheckpoint()


def _insert(rows: DataFrame, table: str) -> int:
    count = int(rows.count())
    rows.coalesce(1 + count // ROWS_PER_FILE).write.insertInto(f"raw.{table}")
    return count


def _open_run_files(spark: SparkSession, run: Run, table: str) -> DataFrame:
    return spark.read.parquet(*(f"{run.place}/{name}" for name in list_chunk_files(run, table)))


def _make_frame(spark: SparkSession, files: Sequence[str], column: str) -> DataFrame:
    return spark.createDataFrame([(file,) for file in files], f"{column} STRING")


def _remove(spark: SparkSession, table: str, keys: DataFrame) -> None:
    """Remove the rows with distinct keys from a table.

    Their partitions are rewritten without them. A partition without any row left is dropped, as Spark would not
    overwrite it.
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
