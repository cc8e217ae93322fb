"""Compares two warehouses of the same letters row by row, one on DuckDB and one written by Spark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

TOLERANCE = 1e-12
"""Relative difference of two floats that is ignored: sums of the same numbers in another order."""
EXAMPLES = 3
SCHEMAS = ("marts", "snapshots")
BUILD_COLUMNS = {"dbt_scd_id", "dbt_updated_at", "dbt_valid_from"}
"""Columns of a snapshot that depend on the time of the build. Of `dbt_valid_to`, only whether it is set is compared."""


@dataclass(frozen=True)
class TableComparison:
    """One table: its rows on each side, how many have no equal on the other side, and a few of these."""

    table: str
    duckdb_rows: int
    spark_rows: int
    differing: int
    examples: tuple[str, ...]


def compare_warehouses(warehouse: Path, exported: Path) -> list[TableComparison]:
    """Compare every mart and snapshot of a BI file with Spark's files in `exported/<schema>/<table>`.

    A table that only one side has, or whose columns differ, counts as one difference.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        in_duckdb = {
            f"{schema}.{table}"
            for schema, table in connection.execute(
                "SELECT CASE schema_name WHEN 'main' THEN 'marts' ELSE schema_name END, table_name "
                "FROM duckdb_tables() WHERE database_name = 'marts'"
            ).fetchall()
        }
        in_spark = {f"{s}.{f.name}" for s in SCHEMAS for f in (exported / s).glob("[!._]*") if f.is_dir()}
        return [
            _compare(connection, table, exported)
            if table in in_duckdb & in_spark
            else TableComparison(table, 0, 0, 1, (f"only {'DuckDB' if table in in_duckdb else 'Spark'} has it",))
            for table in sorted(in_duckdb | in_spark)
        ]


def _compare(connection: duckdb.DuckDBPyConnection, table: str, exported: Path) -> TableComparison:
    files = f"read_parquet('{exported / table.replace('.', '/') / '*.parquet'}')"
    types = _read_types(connection, f"FROM {table}")
    other = _read_types(connection, f"FROM {files}")
    if set(types) != set(other):
        return TableComparison(table, 0, 0, 1, (f"columns of one side only: {sorted(set(types) ^ set(other))}",))
    floats = [name for name, kind in types.items() if kind in {"DOUBLE", "FLOAT"}]
    exact = [name for name in types if name not in {*floats, *BUILD_COLUMNS}]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE one AS {_side(table, types, exact, floats)}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE two AS {_side(files, types, exact, floats)}")
    same_row = " AND ".join(f'one."{c}" IS NOT DISTINCT FROM two."{c}"' for c in [*exact, "nth"])
    near = " AND ".join(
        f'(one."{c}" IS NOT DISTINCT FROM two."{c}" OR coalesce(abs(one."{c}" - two."{c}") '
        f'<= {TOLERANCE} * greatest(abs(one."{c}"), abs(two."{c}")), false))'
        for c in floats
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE differing AS SELECT one, two "
        f"FROM one FULL JOIN two ON {same_row} WHERE one.nth IS NULL OR two.nth IS NULL OR NOT ({near or 'true'})"
    )
    rows = [_count(connection, name) for name in ("one", "two", "differing")]
    rows_shown = connection.execute(f"SELECT one, two FROM differing ORDER BY ALL LIMIT {EXAMPLES}").fetchall()
    return TableComparison(table, *rows, tuple(_describe(one, two) for one, two in rows_shown))


def _side(relation: str, types: Mapping[str, str], exact: list[str], floats: list[str]) -> str:
    """Return a query of one side, with DuckDB's types; `nth` numbers rows that differ in their floats only."""
    columns = [
        f'("{name}" IS NOT NULL)::VARCHAR AS "{name}"'
        if name == "dbt_valid_to"
        else f'CAST("{name}" AS {types[name]}) AS "{name}"'
        for name in [*exact, *floats]
    ]
    keys = ", ".join(f'"{name}"' for name in exact)
    order = ", ".join(f'"{name}"' for name in floats) or "1"
    return (
        f"SELECT *, row_number() OVER (PARTITION BY {keys} ORDER BY {order}) AS nth "
        f"FROM (SELECT {', '.join(columns)} FROM {relation})"
    )


def _describe(one: dict[str, object] | None, two: dict[str, object] | None) -> str:
    if one is None or one.get("nth") is None:
        return f"only Spark:  {two}"
    if two is None or two.get("nth") is None:
        return f"only DuckDB: {one}"
    differing = [name for name in one if one[name] != two[name]]
    return "; ".join(f"{name}: {one[name]!r} and {two[name]!r}" for name in differing) + f" in {one}"


def _read_types(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in connection.execute(f"DESCRIBE {query}").fetchall()}


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(found[0]) if found else 0
