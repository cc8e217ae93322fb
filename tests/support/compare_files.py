"""Compares the rows of two warehouse files."""

from __future__ import annotations

from pathlib import Path

import duckdb

RUN_COLUMNS = ("run_id", "load_number", "source_path", "dbt_scd_id")
"""Columns that differ between two loads of the same letters, as do all timestamps."""


def find_differences(one: Path, other: Path) -> list[str]:
    """Return a line for each table whose rows differ, leaving out what depends on the run."""
    found = []
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{one}' AS a (READ_ONLY)")
        connection.execute(f"ATTACH '{other}' AS b (READ_ONLY)")
        tables = connection.execute(
            """
            SELECT schema_name, table_name, string_agg('"' || column_name || '"', ', ' ORDER BY column_index)
            FROM duckdb_columns()
            WHERE database_name = 'a' AND schema_name IN ('raw', 'marts', 'intermediate', 'snapshots', 'main')
                AND data_type NOT LIKE 'TIMESTAMP%' AND column_name NOT IN (SELECT unnest(?::VARCHAR[]))
                AND table_name IN (SELECT table_name FROM duckdb_tables())
            GROUP BY ALL ORDER BY ALL
            """,
            [list(RUN_COLUMNS)],
        ).fetchall()
        assert tables, f"{one} has no table"
        for schema, table, columns in tables:
            for left, right in (("a", "b"), ("b", "a")):
                ours, theirs = (f"SELECT {columns} FROM {side}.{schema}.{table}" for side in (left, right))
                row = connection.execute(f"SELECT count(*) FROM ({ours} EXCEPT ALL {theirs})").fetchone()
                if row and row[0]:
                    found.append(f"{schema}.{table}: {row[0]} rows only in {one if left == 'a' else other}")
    return found
