"""Compares a candidate's marts with the published ones: rows added, changed and removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from warehouse.build.marts_file import SCHEMA
from warehouse.checks.databases import open_databases
from warehouse.checks.differences import (
    EXAMPLES,
    Comparison,
    count_differences,
    create_differences,
    list_examples,
)

FREE_TEXTS = ("treatment_requested", "original_request", "authorized_request", "disputed_request")
"""Columns whose values are not shown."""
EXAMPLES_OF_AGGREGATES = 3
"""Rows listed of a mart whose rows are of no single letter."""
_LETTER = {"source_path": "source_name", "case_number": "case_number"}
"""What a row's letter is called by, and the column that holds it."""


def compare_marts(candidate: Path, published: Path, keys: Mapping[str, Sequence[str]]) -> Comparison:
    """Compare the marts of two warehouse files; `keys` are the key columns of each of the candidate's marts.

    Of a mart that only one of the files has, all rows are added or removed.
    """
    tables, examples = {}, []
    with open_databases(candidate=candidate, published=published) as connection:
        after, before = _find_columns(connection, "candidate"), _find_columns(connection, "published")
        for mart in sorted(after.keys() | before.keys()):
            # An empty mart of the same columns stands in for one that is missing.
            columns = after.get(mart, before.get(mart, []))
            key = keys.get(mart, columns[:1])
            create_differences(
                connection,
                _select_rows("candidate", mart, columns, after.get(mart)),
                _select_rows("published", mart, columns, before.get(mart)),
                keys=key,
                row_name=[] if "case_number" in columns else key,
                compared=[name for name in columns if name not in key],
                shown=set(columns) - set(FREE_TEXTS),
                letter=", ".join(_name_letter(alias, column, columns) for alias, column in _LETTER.items()),
            )
            tables[mart] = count_differences(connection)
            at_most = EXAMPLES if "case_number" in columns else EXAMPLES_OF_AGGREGATES
            examples += list_examples(connection, mart, "differences", at_most)
    return Comparison(tables, examples, withdrawn=[], kept=[])


def _find_columns(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, list[str]]:
    """Return the columns of each mart of an attached file."""
    rows = connection.execute(
        "SELECT table_name, list(column_name ORDER BY ordinal_position) FROM information_schema.columns "
        "WHERE table_catalog = ? AND table_schema = ? GROUP BY ALL",
        [catalog, SCHEMA],
    ).fetchall()
    return dict(rows)


def _select_rows(catalog: str, mart: str, columns: Sequence[str], existing: Sequence[str] | None) -> str:
    """Return the query of a mart's rows; a column that it does not have is null."""
    if existing is None:
        return f"SELECT true AS here, {', '.join(f'NULL AS {name}' for name in columns)} WHERE false"
    listed = ", ".join(name if name in existing else f"NULL AS {name}" for name in columns)
    return f"SELECT true AS here, {listed} FROM {catalog}.{SCHEMA}.{mart}"  # noqa: S608 - names of the catalog


def _name_letter(alias: str, column: str, columns: Sequence[str]) -> str:
    return f"coalesce(new.{column}, old.{column}) AS {alias}" if column in columns else f"NULL::VARCHAR AS {alias}"
