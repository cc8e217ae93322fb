"""Compares the rows of two warehouses."""

from __future__ import annotations

import duckdb

from warehouse.versions.contents import Contents

RUN_COLUMNS = ("run_id", "load_number", "source_path", "dbt_scd_id")
"""Columns that differ between two loads of the same letters, as do all timestamps."""


def find_differences(one: Contents, other: Contents) -> list[str]:
    """Return a line for each table whose rows differ, leaving out what depends on the run."""
    found = []
    with duckdb.connect() as connection:
        one.attach(connection, "a")
        other.attach(connection, "b")
        tables = connection.execute(
            """
            SELECT database_name, schema_name, table_name,
                string_agg('"' || column_name || '"', ', ' ORDER BY column_index)
            FROM duckdb_columns()
            WHERE database_name LIKE 'a%' AND schema_name IN ('raw', 'marts', 'snapshots')
                AND data_type NOT LIKE 'TIMESTAMP%' AND column_name NOT IN (SELECT unnest(?::VARCHAR[]))
            GROUP BY ALL ORDER BY ALL
            """,
            [list(RUN_COLUMNS)],
        ).fetchall()
        assert {schema for _, schema, _, _ in tables} == {"raw", "marts", "snapshots"}
        for database, schema, table, columns in tables:
            databases = (database, f"b{database[1:]}")
            left, right = (f"SELECT {columns} FROM {side}.{schema}.{table}" for side in databases)
            for name, ours, theirs in (("the first", left, right), ("the second", right, left)):
                row = connection.execute(f"SELECT count(*) FROM ({ours} EXCEPT ALL {theirs})").fetchone()
                if row and row[0]:
                    found.append(f"{schema}.{table}: {row[0]} rows only in {name}")
    return found
