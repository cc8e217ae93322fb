"""Makes a large warehouse of a small one: every letter again, under other ids. To build a million takes an hour."""

from __future__ import annotations

from pathlib import Path

import duckdb

from imr.context import Context
from imr.pipeline.candidate import publish_candidate
from warehouse.build.load import ROW_GROUP
from warehouse.build.marts_file import start_marts_file
from warehouse.runs.run import Run
from warehouse.runs.step_results import LoadResult
from warehouse.versions.contents import list_marts
from warehouse.versions.raw_views import quote

SHARED_KEYS = {"guideline_key", "treatment_key", "specialty_key", "first_specialty_key", "drug_key", "month_key"}
"""Keys of dimensions, which the copies of a letter share; every other key is one of its own."""
NAMES = {"letter_id", "sha256", "file_sha256", "source_path", "case_number", "dbt_scd_id"}


def publish_copies(context: Context, copies: int) -> None:
    """Publish a version with every letter of the current one `copies` times. Counts of outcome marts are multiplied."""
    base, run = context.versions.require_current(), context.open_run("copies")
    with run.record_step(LoadResult(based_on=base.number, load_number=base.load_number + 1)):
        run.part.mkdir(parents=True)
        for part in base.contents.parts:
            for file in part.iterdir():
                _copy_part_file(file, run, copies)
    start_marts_file(run.marts, base.marts, from_scratch=False)
    _copy_mart_rows(run.marts, copies)
    publish_candidate(context, run)


def _copy_part_file(file: Path, run: Run, copies: int) -> None:
    """Write the copies of a part's rows. The base has one part only, so a name occurs once."""
    with duckdb.connect() as connection:
        columns = [str(row[0]) for row in connection.execute(f"DESCRIBE FROM {quote(file)}").fetchall()]
        query = f"SELECT {_name_again(columns)} FROM {quote(file)}, range(1, {copies}) AS copies (copy)"  # noqa: S608 - names of the schema
        options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}"
        connection.execute(f"COPY ({query}) TO {quote(run.part / file.name)} ({options})")


def _copy_mart_rows(file: Path, copies: int) -> None:
    with duckdb.connect(str(file)) as connection:
        for table in [*(f"main.{mart}" for mart in list_marts(connection, file.stem)), "snapshots.case_versions"]:
            columns = [str(row[0]) for row in connection.execute(f"DESCRIBE {table}").fetchall()]
            if {"letter_id", "file_sha256"} & set(columns):
                query = f"SELECT {_name_again(columns)} FROM first, range(1, {copies}) AS copies (copy)"  # noqa: S608 - names of the schema
                connection.execute(f"CREATE OR REPLACE TEMP TABLE first AS FROM {table}")
                connection.execute(f"INSERT INTO {table} {query}")
            elif table.startswith("main.agg_"):
                counts = [f"{name} = {name} * {copies}" for name in columns if name.endswith("_count")]
                connection.execute(f"UPDATE {table} SET {', '.join(counts)}")  # noqa: S608 - names of the schema


def _name_again(columns: list[str]) -> str:
    """Return the columns of a copied row: ids and keys of a letter get the number of the copy."""
    own = {name for name in columns if name in NAMES or (name.endswith("_key") and name not in SHARED_KEYS)}
    return ", ".join(f"{name} || '-' || copy AS {name}" if name in own else name for name in columns)
