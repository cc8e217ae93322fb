"""Opens the warehouses that are compared."""

from __future__ import annotations

from pathlib import Path

import duckdb


def open_databases(**files: Path | None) -> duckdb.DuckDBPyConnection:
    """Return a connection to warehouse files, each attached read-only under its keyword; `None` is not attached.

    Queries name the database: `candidate.marts.dim_letters`, `published.raw.decisions`.
    """
    connection = duckdb.connect()
    for name, file in files.items():
        if file is not None:
            quoted = str(file).replace("'", "''")
            connection.execute(f"ATTACH '{quoted}' AS {name} (READ_ONLY)")
    return connection
