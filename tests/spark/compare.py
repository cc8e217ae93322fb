"""Two warehouses of the same letters, one on DuckDB and one written by Spark, compared row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

TOLERANCE = 1e-12
"""How far two floats may be apart, as a part of the larger: sums of the same numbers in another order."""
EXAMPLES = 3
SCHEMAS = ("marts", "snapshots")
OF_A_BUILD = {"dbt_scd_id", "dbt_updated_at", "dbt_valid_from"}
"""Columns of a snapshot that say when the build ran; of the end, only whether there is one is compared."""


@dataclass(frozen=True)
class Compared:
    """One table on both sides: how many rows each has, how many have no equal on the other, and a few of them."""

    table: str
    duckdb_rows: int
    spark_rows: int
    differing: int
    examples: tuple[str, ...]


def compare_warehouses(warehouse: Path, exported: Path) -> list[Compared]:
    """Compare every mart, and the snapshot, of a DuckDB file with what Spark wrote into `exported/<schema>/<table>`.

    A table that only one side has counts as wholly different, as does one with other columns.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        of_duckdb = {
            f"{schema}.{table}"
            for schema, table in connection.execute(
                "SELECT table_schema, table_name FROM information_schema.tables WHERE list_contains(?, table_schema)",
                [list(SCHEMAS)],
            ).fetchall()
        }
        of_spark = {f"{s}.{f.name}" for s in SCHEMAS for f in (exported / s).glob("[!._]*") if f.is_dir()}
        return [
            _compare(connection, table, exported)
            if table in of_duckdb & of_spark
            else Compared(table, 0, 0, 1, (f"only {'DuckDB' if table in of_duckdb else 'Spark'} has it",))
            for table in sorted(of_duckdb | of_spark)
        ]


def _compare(connection: duckdb.DuckDBPyConnection, table: str, exported: Path) -> Compared:
    files = f"read_parquet('{exported / table.replace('.', '/') / '*.parquet'}')"
    types = _types(connection, f"FROM {table}")
    other = _types(connection, f"FROM {files}")
    if set(types) != set(other):
        return Compared(table, 0, 0, 1, (f"columns of one side only: {sorted(set(types) ^ set(other))}",))
    floats = [name for name, kind in types.items() if kind in {"DOUBLE", "FLOAT"}]
    exact = [name for name in types if name not in {*floats, *OF_A_BUILD}]
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
    shown = connection.execute(f"SELECT one, two FROM differing ORDER BY ALL LIMIT {EXAMPLES}").fetchall()
    return Compared(table, *rows, tuple(_told(one, two) for one, two in shown))


def _side(relation: str, types: Mapping[str, str], exact: list[str], floats: list[str]) -> str:
    """Return a query of one side, typed as DuckDB's; `nth` tells rows apart that are alike but for their floats."""
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


def _told(one: dict[str, object] | None, two: dict[str, object] | None) -> str:
    if one is None or one.get("nth") is None:
        return f"only Spark:  {two}"
    if two is None or two.get("nth") is None:
        return f"only DuckDB: {one}"
    apart = [name for name in one if one[name] != two[name]]
    return "; ".join(f"{name}: {one[name]!r} and {two[name]!r}" for name in apart) + f" in {one}"


def _types(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in connection.execute(f"DESCRIBE {query}").fetchall()}


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(found[0]) if found else 0
