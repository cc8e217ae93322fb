"""Read-only SQL on a published version, for the command line, notebooks and gates."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.errors import WarehouseError
from warehouse.runs.run import Run
from warehouse.runs.run_files import read_table
from warehouse.runs.schema import SCHEMAS
from warehouse.versions.contents import MARTS_SCHEMA, Contents, list_marts
from warehouse.versions.raw_views import quote


def query(file: Path, sql: str) -> pa.Table:
    """Return the rows of a query on a BI file, opened read-only.

    Raises `WarehouseError` with DuckDB's message for a query that fails.
    """
    with duckdb.connect(str(file), read_only=True) as connection:
        try:
            return _run_confined(connection, sql)
        except duckdb.CatalogException as error:
            names = ", ".join(list_marts(connection, file.stem))
            raise WarehouseError(f"{error}\n\nMarts: {names}. Query raw tables with --full.") from error
        except duckdb.Error as error:
            raise WarehouseError(str(error)) from error


def query_contents(contents: Contents, sql: str) -> pa.Table:
    """Return the rows of a query on a whole warehouse; mart names need no schema, raw tables have the schema `raw`.

    Raises `WarehouseError` with DuckDB's message for a query that fails, and for a statement that is no query.
    """
    with contents.open() as connection:
        connection.execute(f"SET search_path = 'warehouse.{MARTS_SCHEMA}'")
        connection.execute("SET allowed_paths = ?", [[str(file) for part in contents.parts for file in part.iterdir()]])
        try:
            # Raw's files may be read, so what could write to them is refused. `EXPLAIN ANALYZE COPY` does.
            if any(s.type != duckdb.StatementType.SELECT for s in connection.extract_statements(sql)):
                raise WarehouseError("only queries can be run on the whole warehouse")
            return _run_confined(connection, sql)
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
            if run.marts.exists():
                connection.execute(f"ATTACH {quote(run.marts)} AS marts (READ_ONLY)")
                connection.execute("SET search_path = 'memory.main,marts.main'")
            return _run_confined(connection, sql)
        except duckdb.Error as error:
            raise WarehouseError(
                f"{error}\n\nTables of a run: {', '.join(SCHEMAS)}, and the marts once they are built."
            ) from error
