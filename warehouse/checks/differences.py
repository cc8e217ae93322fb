"""Compares run files with the published raw rows of the same letters: rows added, changed and removed.

Texts of letters are compared but never shown: of a changed column the name is given, and its values only where they
are short codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from warehouse.checks.databases import open_databases
from warehouse.runs.run import Run
from warehouse.runs.run_files import open_dataset
from warehouse.runs.schema import KEYS, SCHEMAS, raw_types
from warehouse.versions.contents import Contents

IGNORED = ("run_id", "loaded_at", "seen_at", "parser_version")
"""Columns that differ between two readings of the same text."""
SHOWN = (
    *("status", "reason", "format", "case_number", "case_outcome", "outcome", "is_modified", "rationale_finding"),
    *("decision_date", "date_assigned", "date_of_injury", "ur_denial_date", "application_received", "page_count"),
)
"""Columns of short codes, dates and counts, whose values may be logged."""
TABLES = ("files", "letters", "decisions", "citations", "flags")
EXAMPLES = 10
"""Rows listed for each table."""
_KEYS = KEYS | {"files": ("sha256", "source_path"), "flags": ("letter_id", "decision_number", "code", "nth")}
_LETTER = {table: "sha256" if table == "files" else "letter_id" for table in TABLES}


@dataclass(frozen=True)
class TableDifference:
    """Rows of one table, and for each changed column how many of them changed in it."""

    added: int
    changed: int
    removed: int
    same: int
    columns: dict[str, int]


@dataclass(frozen=True)
class Comparison:
    """What a reparse or a rebuild changes.

    `examples` lists the first rows of each table. `withdrawn` are letters loaded before and quarantined now; those
    whose reader failed are `kept` instead: not compared, and not loaded. `rejected` counts letters rejected in review.
    """

    tables: dict[str, TableDifference]
    examples: list[dict[str, Any]]
    withdrawn: list[dict[str, str]]
    kept: list[dict[str, str]]
    rejected: int = field(default=0)

    @property
    def changed_rows(self) -> int:
        """How many rows differ, in all tables."""
        return sum(t.added + t.changed + t.removed for t in self.tables.values())


def compare_with_published(run: Run, published: Contents, *, reader_failures: Sequence[str] = ()) -> Comparison:
    """Compare a run's files with the rows of the same letters in a published warehouse.

    `reader_failures` are the quarantine reasons of files whose reader failed. The run must have read something.
    """
    with open_databases(published=published) as connection:
        for table in TABLES:
            connection.register(f"run_{table}", open_dataset(run, table))
        _create_named_files(connection)
        kept = _find_quarantined_now(connection, "reason IN (SELECT unnest(?))", reader_failures)
        connection.execute("DELETE FROM named WHERE sha256 IN (SELECT unnest(?))", [[k["sha256"] for k in kept]])
        tables, examples = {}, []
        for table in TABLES:
            _create_differences(connection, table)
            tables[table] = count_differences(connection)
            examples += list_examples(connection, table, "differences INNER JOIN named USING (sha256)", EXAMPLES)
        withdrawn = _find_quarantined_now(connection, "reason NOT IN (SELECT unnest(?))", reader_failures)
    return Comparison(tables, examples, withdrawn, kept)


def _find_quarantined_now(
    connection: duckdb.DuckDBPyConnection, condition: str, reasons: Sequence[str]
) -> list[dict[str, str]]:
    """Return the files that are quarantined now and whose letters are loaded."""
    rows = connection.execute(
        "SELECT sha256, source_path, reason FROM named WHERE status = 'quarantined' "  # noqa: S608 - constants
        f"AND sha256 IN (SELECT letter_id FROM published.raw.letters) AND {condition} ORDER BY source_path",
        [list(reasons)],
    ).fetchall()
    return [{"sha256": sha256, "source_path": path, "reason": reason} for sha256, path, reason in rows]


def _create_named_files(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the table `named`: a row for each file of the run, with its case number now or before."""
    connection.execute(
        """
        CREATE TEMP TABLE named AS
        SELECT files.sha256, files.source_path, files.status, files.reason,
            coalesce(letters.case_number, earlier.case_number) AS case_number
        FROM run_files AS files
        LEFT JOIN run_letters AS letters ON files.sha256 = letters.letter_id
        LEFT JOIN published.raw.letters AS earlier ON files.sha256 = earlier.letter_id
        WHERE files.status <> 'duplicate'
        """
    )


_LAST_READING = """
    AND status <> 'duplicate' AND (sha256, parser_version, source_path) IN (
        SELECT (file_sha256, parser_version, source_path) FROM published.marts.fct_intake WHERE is_latest_attempt
    )
"""


def _select_rows(table: str, source: str, existing: set[str]) -> str:
    """Return the query of a table's rows to compare: of files the last reading, flags numbered within their kind."""
    columns = ", ".join(
        name if name in existing else f"NULL::{kind} AS {name}"  # a column added since the file was published
        for name, kind in raw_types(table).items()
    )
    order = "PARTITION BY letter_id, decision_number, code ORDER BY detail"
    nth = f", row_number() OVER ({order}) AS nth" if table == "flags" else ""
    last = _LAST_READING if table == "files" and "loaded_at" in existing else ""
    return (
        f"SELECT true AS here, {columns}{nth} FROM {source} WHERE {_LETTER[table]} IN (SELECT sha256 FROM named) {last}"  # noqa: S608 - names of the schema
    )


def _create_differences(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Create the table `differences` of a raw table; `sha256` is the file of each row."""
    described = connection.execute(f"DESCRIBE published.raw.{table}").fetchall()
    keys, letter = _KEYS[table], _LETTER[table]
    create_differences(
        connection,
        _select_rows(table, f"run_{table}", set(SCHEMAS[table].names)),
        _select_rows(table, f"published.raw.{table}", {row[0] for row in described}),
        keys=keys,
        row_name=[key for key in keys if key not in ("letter_id", "sha256", "source_path")],
        compared=[name for name in SCHEMAS[table].names if name not in (*IGNORED, *keys)],
        shown=SHOWN,
        letter=f"coalesce(new.{letter}, old.{letter}) AS sha256",
    )


def create_differences(  # noqa: PLR0913 - two queries and what is done with each of their columns
    connection: duckdb.DuckDBPyConnection,
    new: str,
    old: str,
    *,
    keys: Sequence[str],
    row_name: Sequence[str],
    compared: Sequence[str],
    shown: Collection[str],
    letter: str,
) -> None:
    """Create the table `differences`: a row for each key, with the kind of change, the columns and their values.

    Both queries have a column `here` that is true. Of the `compared` columns, the values of those that are `shown` are
    given; `letter` is the SQL of columns that name a row's letter.
    """
    on = " AND ".join(f"new.{key} IS NOT DISTINCT FROM old.{key}" for key in keys)
    names = ", ".join(f"coalesce(new.{key}, old.{key})::VARCHAR" for key in row_name) or "NULL::VARCHAR"
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE differences AS
        SELECT
            {letter},
            concat_ws(', ', {", ".join(_if_changed(name, f"'{name}'") for name in compared)}) AS columns,
            concat_ws('; ', {", ".join(_if_changed(name, _describe_change(name, shown)) for name in compared)}) AS what,
            concat_ws(' ', {names}) AS row_name,
            CASE WHEN old.here IS NULL THEN 'added' WHEN new.here IS NULL THEN 'removed'
                WHEN columns <> '' THEN 'changed' ELSE 'same' END AS change
        FROM ({new}) AS new FULL JOIN ({old}) AS old ON {on}
        """  # noqa: S608 - names of the schema
    )


def _if_changed(name: str, value: str) -> str:
    return f"CASE WHEN new.here AND old.here AND new.{name} IS DISTINCT FROM old.{name} THEN {value} END"


def _describe_change(name: str, shown: Collection[str]) -> str:
    if name not in shown:
        return f"'{name}'"
    before, after = (f"coalesce(left({side}.{name}::VARCHAR, 40), 'null')" for side in ("old", "new"))
    return f"'{name} ' || {before} || ' -> ' || {after}"


def count_differences(connection: duckdb.DuckDBPyConnection) -> TableDifference:
    """Count the rows of the table `differences`."""
    columns: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for change, names, rows in connection.execute(
        "SELECT change, columns, count(*) FROM differences GROUP BY ALL"
    ).fetchall():
        counts[change] += rows
        columns.update(dict.fromkeys(names.split(", "), rows) if change == "changed" else {})
    return TableDifference(
        **{change: counts[change] for change in ("added", "changed", "removed", "same")},
        columns=dict(sorted(columns.items())),
    )


def list_examples(
    connection: duckdb.DuckDBPyConnection, table: str, relation: str, at_most: int
) -> list[dict[str, Any]]:
    """Return the first differing rows of `relation`, the table `differences` with the names of the letters."""
    rows = connection.execute(
        "SELECT source_path, case_number, change, row_name, what "  # noqa: S608 - constants
        f"FROM {relation} WHERE change <> 'same' ORDER BY ALL LIMIT ?",
        [at_most],
    ).fetchall()
    names = ("source_path", "case_number", "change", "row", "what")
    return [{"table": table} | dict(zip(names, row, strict=True)) for row in rows]
