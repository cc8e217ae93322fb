"""Run files beside the published raw rows of the same letters: what another reading would add, change and take away.

Texts of letters are compared and never told: of a changed column the name is given, and its values only where
they are short codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from warehouse.run import Run
from warehouse.run_files import parts
from warehouse.schema import KEYS, SCHEMAS, raw_types

IGNORED = ("run_id", "loaded_at", "seen_at", "parser_version")
"""Columns that differ between two readings although nothing was read differently."""
SHOWN = (
    *("status", "reason", "format", "case_number", "case_outcome", "outcome", "is_modified", "rationale_finding"),
    *("decision_date", "date_assigned", "date_of_injury", "ur_denial_date", "application_received", "page_count"),
)
"""Columns of short codes, dates and counts, whose values may stand in a log."""
TABLES = ("files", "letters", "decisions", "citations", "flags")
EXAMPLES = 10
"""Rows told one by one, of each table."""
_KEYS = KEYS | {"files": ("sha256", "source_path"), "flags": ("letter_id", "decision_number", "code", "nth")}
_LETTER = {table: "sha256" if table == "files" else "letter_id" for table in TABLES}

Comparison = dict[str, Any]


def compare(run: Run, published: Path, *, machines_fault: Sequence[str] = ()) -> Comparison:
    """Return what the run files hold against a warehouse file's rows of the same files.

    `tables` counts the rows added, changed (and in which columns), gone and same; `examples` tells the first
    of each table; `withdrawn` are the letters that are loaded there and refused here. Where they are refused for
    one of `machines_fault` they are `kept` instead: not compared, and not loaded. The run must have read something.
    """
    quoted = str(published).replace("'", "''")
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{quoted}' AS published (READ_ONLY)")
        _name_files(connection, run)
        kept = _refused_now(connection, "reason IN (SELECT unnest(?))", machines_fault)
        connection.execute("DELETE FROM named WHERE sha256 IN (SELECT unnest(?))", [[k["sha256"] for k in kept]])
        tables, examples = {}, []
        for table in TABLES:
            _differ(connection, run, table)
            tables[table] = _counts(connection)
            examples += _examples(connection, table)
        withdrawn = _refused_now(connection, "reason NOT IN (SELECT unnest(?))", machines_fault)
    return {"tables": tables, "examples": examples, "withdrawn": withdrawn, "kept": kept}


def _refused_now(connection: duckdb.DuckDBPyConnection, condition: str, reasons: Sequence[str]) -> list[dict[str, str]]:
    """Return the files that are refused, and whose letters are loaded."""
    rows = connection.execute(
        "SELECT sha256, source_path, reason FROM named WHERE status = 'quarantined' "  # noqa: S608 - constants
        f"AND sha256 IN (SELECT letter_id FROM published.raw.letters) AND {condition} ORDER BY source_path",
        [list(reasons)],
    ).fetchall()
    return [{"sha256": sha256, "source_path": path, "reason": reason} for sha256, path, reason in rows]


def changed_rows(comparison: Comparison) -> int:
    """Return how many rows differ, in all tables."""
    return sum(t["added"] + t["changed"] + t["gone"] for t in comparison["tables"].values())


def _paths(run: Run, table: str) -> str:
    files = ", ".join("'" + str(p).replace("'", "''") + "'" for p in parts(run, table))
    return f"read_parquet([{files}])"


def _name_files(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Make the table `named`: a row a file of the run, with the case number it is or was read to have."""
    connection.execute(
        f"""
        CREATE TEMP TABLE named AS
        SELECT files.sha256, files.source_path, files.status, files.reason,
            coalesce(letters.case_number, earlier.case_number) AS case_number
        FROM {_paths(run, "files")} AS files
        LEFT JOIN {_paths(run, "letters")} AS letters ON files.sha256 = letters.letter_id
        LEFT JOIN published.raw.letters AS earlier ON files.sha256 = earlier.letter_id
        WHERE files.status <> 'duplicate'
        """  # noqa: S608 - the run's own file names, quoted
    )


_LAST_READING = """
    AND status <> 'duplicate' AND (sha256, parser_version, source_path) IN (
        SELECT (file_sha256, parser_version, source_path) FROM published.marts.fct_intake WHERE is_latest_attempt
    )
"""


def _rows(table: str, source: str, names: set[str]) -> str:
    """Return the query of a table's rows to compare: of files the last reading, flags numbered within their kind."""
    columns = ", ".join(
        name if name in names else f"NULL::{kind} AS {name}"  # a column that an older warehouse file lacks
        for name, kind in raw_types(table).items()
    )
    order = "PARTITION BY letter_id, decision_number, code ORDER BY detail"
    nth = f", row_number() OVER ({order}) AS nth" if table == "flags" else ""
    last = _LAST_READING if table == "files" and "loaded_at" in names else ""
    letter = _LETTER[table]
    return f"SELECT true AS here, {columns}{nth} FROM {source} WHERE {letter} IN (SELECT sha256 FROM named) {last}"  # noqa: S608 - names of the schema


def _differ(connection: duckdb.DuckDBPyConnection, run: Run, table: str) -> None:
    """Make the table `differences`: a row a key, with what became of it, the columns changed and what to tell."""
    described = connection.execute(f"DESCRIBE published.raw.{table}").fetchall()
    new = _rows(table, _paths(run, table), set(SCHEMAS[table].names))
    old = _rows(table, f"published.raw.{table}", {row[0] for row in described})
    compared = [name for name in SCHEMAS[table].names if name not in (*IGNORED, *_KEYS[table])]
    on = " AND ".join(f"new.{key} IS NOT DISTINCT FROM old.{key}" for key in _KEYS[table])
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE differences AS
        SELECT
            coalesce(new.{_LETTER[table]}, old.{_LETTER[table]}) AS sha256,
            concat_ws(', ', {", ".join(_if_changed(name, f"'{name}'") for name in compared)}) AS columns,
            concat_ws('; ', {", ".join(_if_changed(name, _told(name)) for name in compared)}) AS told,
            concat_ws(' ', {_row_name(table)}) AS row_name,
            CASE WHEN old.here IS NULL THEN 'added' WHEN new.here IS NULL THEN 'gone'
                WHEN columns <> '' THEN 'changed' ELSE 'same' END AS became
        FROM ({new}) AS new FULL JOIN ({old}) AS old ON {on}
        """  # noqa: S608 - names of the schema
    )


def _if_changed(name: str, value: str) -> str:
    return f"CASE WHEN new.here AND old.here AND new.{name} IS DISTINCT FROM old.{name} THEN {value} END"


def _told(name: str) -> str:
    if name not in SHOWN:
        return f"'{name}'"
    before, after = (f"coalesce(left({side}.{name}::VARCHAR, 40), 'null')" for side in ("old", "new"))
    return f"'{name} ' || {before} || ' -> ' || {after}"


def _row_name(table: str) -> str:
    """Return the arguments that name a row within its letter."""
    inside = [key for key in _KEYS[table] if key not in ("letter_id", "sha256", "source_path")]
    return ", ".join(f"coalesce(new.{key}, old.{key})::VARCHAR" for key in inside) or "NULL::VARCHAR"


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    columns: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for became, names, rows in connection.execute(
        "SELECT became, columns, count(*) FROM differences GROUP BY ALL"
    ).fetchall():
        counts[became] += rows
        columns.update(dict.fromkeys(names.split(", "), rows) if became == "changed" else {})
    told = {became: counts[became] for became in ("added", "changed", "gone", "same")}
    return told | {"columns": dict(sorted(columns.items()))}


def _examples(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        "SELECT named.source_path, named.case_number, became, row_name, told "
        "FROM differences INNER JOIN named USING (sha256) WHERE became <> 'same' ORDER BY ALL LIMIT ?",
        [EXAMPLES],
    ).fetchall()
    names = ("source_path", "case_number", "became", "row", "what")
    return [{"table": table} | dict(zip(names, row, strict=True)) for row in rows]
