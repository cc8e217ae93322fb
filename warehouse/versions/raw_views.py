"""Raw rows: immutable Parquet parts, a folder a load, and the views that show each letter as last read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from warehouse.runs.schema import (
    CODED_TABLES,
    KEYS,
    LETTER_TABLES,
    LOAD_NUMBER,
    PART_TYPES,
    WAITING,
    WITHDRAWN,
)

READINGS = "readings"
"""View with the load number of each letter's last reading; a letter that was withdrawn later has no rows of it."""


def create_raw_views(connection: duckdb.DuckDBPyConnection, schema: str, parts: Sequence[Path]) -> None:
    """Create a schema with a view for each raw table, over the parts of every load so far, oldest first.

    A letter has the rows of its last reading, a file that of its last attempt, each once. The files that wait in the
    inbox are those of the last load.
    """
    connection.execute(f"CREATE SCHEMA {schema}")
    for table in PART_TYPES:
        connection.execute(f"CREATE VIEW {schema}.{table} AS {_select_last(schema, table, parts)}")
        if table == WITHDRAWN:
            connection.execute(
                f"CREATE VIEW {schema}.{READINGS} AS "  # noqa: S608 - names of the schema
                f"SELECT letter_id, max({LOAD_NUMBER}) AS {LOAD_NUMBER} FROM ("
                f"SELECT letter_id, {LOAD_NUMBER} FROM {scan_parts('letters', parts)} "
                f"UNION ALL SELECT letter_id, {LOAD_NUMBER} FROM {schema}.{WITHDRAWN}) GROUP BY letter_id"
            )


def scan_parts(table: str, parts: Sequence[Path], condition: str = "true") -> str:
    """Return, as a FROM item, the rows of a table in the parts; a column that a part does not have is null."""
    types = PART_TYPES[table]
    names = ", ".join(types)
    empty = ", ".join(f"NULL::{kind} AS {name}" for name, kind in types.items())
    files = [quote(part / f"{table}.parquet") for part in parts if (part / f"{table}.parquet").exists()]
    if not files:
        return f"(SELECT {empty} WHERE false)"
    rows = f"read_parquet([{', '.join(files)}], union_by_name = true)"
    rows = f"SELECT {empty} WHERE false UNION ALL BY NAME FROM {rows}"  # noqa: S608 - names of the schema
    return f"(SELECT {names} FROM ({rows}) WHERE {condition})"  # noqa: S608 - names of the schema


def quote(path: Path) -> str:
    """Return a path as an SQL string."""
    return "'" + str(path).replace("'", "''") + "'"


def _select_last(schema: str, table: str, parts: Sequence[Path]) -> str:
    if table == WAITING:  # a reparse has scanned no inbox, so its part has no such file
        return f"FROM {scan_parts(table, [part for part in parts if (part / f'{WAITING}.parquet').exists()][-1:])}"
    rows = f"FROM {scan_parts(table, parts)}"
    if table in LETTER_TABLES:
        same = f"found.letter_id = last.letter_id AND found.{LOAD_NUMBER} = last.{LOAD_NUMBER}"
        return f"SELECT found.* {rows} AS found SEMI JOIN {schema}.{READINGS} AS last ON {same}"
    if table in CODED_TABLES:  # coded again by each build of the letter, but not after its withdrawal
        read = f"found.letter_id = last.letter_id AND found.{LOAD_NUMBER} >= last.{LOAD_NUMBER}"
        newest = f"rank() OVER (PARTITION BY letter_id ORDER BY {LOAD_NUMBER} DESC) = 1"
        return f"SELECT found.* {rows} AS found SEMI JOIN {schema}.{READINGS} AS last ON {read} QUALIFY {newest}"
    return f"{rows} QUALIFY {is_last(table)}" if table in KEYS else rows


def is_last(table: str) -> str:
    """Return the condition of a QUALIFY clause that keeps the last row of each key of a table."""
    return f"row_number() OVER (PARTITION BY {', '.join(KEYS[table])} ORDER BY {LOAD_NUMBER} DESC) = 1"
