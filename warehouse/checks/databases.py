"""Opens the warehouses that are compared."""

from __future__ import annotations

import duckdb

from warehouse.versions.contents import Contents


def open_databases(**warehouses: Contents | None) -> duckdb.DuckDBPyConnection:
    """Return a connection to warehouses, each attached read-only under its keyword; `None` is not attached.

    Queries name the database: `candidate.marts.dim_letters`, `published.raw.decisions`.
    """
    connection = duckdb.connect()
    for name, contents in warehouses.items():
        if contents is not None:
            contents.attach(connection, name)
    return connection
