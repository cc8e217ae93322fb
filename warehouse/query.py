"""Read-only SQL on a published version, for the command line, notebooks and gates."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.build.marts_file import SCHEMA
from warehouse.errors import WarehouseError
from warehouse.runs.run import Run
from warehouse.runs.run_files import read_table
from warehouse.runs.schema import SCHEMAS


def query(file: Path, sql: str) -> pa.Table:
    """Return the rows of a query on a DuckDB file, opened read-only; mart names need no schema.

    Raises `WarehouseError` with DuckDB's message for a query that fails.
    """
    with duckdb.connect(str(file), read_only=True) as connection:
        if connection.execute("FROM information_schema.schemata WHERE schema_name = ?", [SCHEMA]).fetchone():
            connection.execute(f"SET search_path = '{SCHEMA},main'")
        try:
            return _run_confined(connection, sql)
        except duckdb.CatalogException as error:
            tables = connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema IN (?, 'main') ORDER BY ALL",
                [SCHEMA],
            ).fetchall()
            names = ", ".join(str(name) for (name,) in tables)
            raise WarehouseError(f"{error}\n\nMarts: {names}. Query raw and staging tables with --full.") from error
        except duckdb.Error as error:
            raise WarehouseError(str(error)) from error


def _run_confined(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """Return the rows of a query that reaches no file and no network, and cannot change that.

    A file that is opened read-only is not enough: `COPY` writes any other file, `read_text` reads it.
    """
    (is_locked,) = connection.execute("SELECT current_setting('lock_configuration')").fetchall()[0]
    if not is_locked:  # another connection of this process may have done so
        connection.execute("SET enable_external_access = false; SET python_enable_replacements = false")
        connection.execute("SET lock_configuration = true")
    if not connection.extract_statements(sql):
        raise WarehouseError("the query is empty")
    return connection.execute(sql).to_arrow_table()


def query_run(run: Run, sql: str) -> pa.Table:
    """Return the rows of a query on a run's tables, and on the marts of its candidate.

    Raises `WarehouseError` if there is no such run, and with DuckDB's message for a query that fails.
    """
    if not run.folder.is_dir():
        raise WarehouseError(
            f"{run.folder}: there is no run of this name. The runs are the folders in {run.folder.parent}."
        )
    with duckdb.connect() as connection:
        for table in SCHEMAS:
            connection.register(table, read_table(run, table))
        try:
            if run.candidate.exists():
                connection.execute(f"ATTACH '{str(run.candidate).replace(chr(39), chr(39) * 2)}' AS imr (READ_ONLY)")
                connection.execute(f"SET search_path = 'memory.main,imr.{SCHEMA}'")
            return _run_confined(connection, sql)
        except duckdb.Error as error:
            raise WarehouseError(
                f"{error}\n\nTables of a run: {', '.join(SCHEMAS)}, and the marts once they are built."
            ) from error
