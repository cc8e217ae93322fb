"""Prints rows as a table, CSV or JSON lines."""

from __future__ import annotations

import csv
import json
import sys
from typing import Any

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from imr.bi.export import escape_formula
from imr.context import Context
from imr.text import printable, printable_json, printable_lines

MAX_ROWS = 1000
"""Rows shown in a table; csv and json print all."""


def print_rows(table: pa.Table, shape: str) -> None:
    """Print a result as an aligned table, CSV with a header, or JSON lines."""
    rows = table.to_pylist()
    if shape == "json":
        for row in rows:
            sys.stdout.write(printable_json(json.dumps(row, default=str, ensure_ascii=False)) + "\n")
    elif shape == "csv":
        writer = csv.DictWriter(sys.stdout, table.column_names)
        writer.writeheader()
        writer.writerows({name: _csv_cell(value) for name, value in row.items()} for row in rows)
    else:
        print_table(rows[:MAX_ROWS], table.column_names)
        if len(rows) > MAX_ROWS:
            sys.stdout.write(f"{len(rows) - MAX_ROWS} more rows: add LIMIT, or use --format csv\n")


def print_table(rows: list[dict[str, Any]], names: list[str] | None = None) -> None:
    """Print rows as an aligned table; numbers to the right, nulls blank."""
    names = names or list(rows[0]) if rows or names else []
    shown = Table(box=None, header_style="bold", pad_edge=False)
    for name in names:
        values = [r[name] for r in rows if r[name] is not None]
        numeric = bool(values) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
        shown.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(_cell(row[name]) for name in names))
    # Output into a file or another program is not wrapped to a terminal's width.
    console = Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else 10_000)
    console.print(shown)


def _csv_cell(value: object) -> object:
    """Return a cell for a spreadsheet, or for a terminal that it must not control."""
    value = escape_formula(value)
    return printable_lines(value) if isinstance(value, str) and sys.stdout.isatty() else value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else printable(str(value))


def list_versions(context: Context) -> list[dict[str, Any]]:
    """Return the published versions as rows, oldest first; the arrow marks the current one."""
    current = context.current
    rows = []
    for version in context.versions.all():
        manifest = version.manifest if version.has_manifest else {}
        counts = manifest.get("rows", {})
        rows.append(
            {
                "": "->" if current and version.number == current.number else "",
                "version": version.number,
                "published_at": manifest.get("published_at"),
                "cases": counts.get("fct_determinations"),
                "decisions": counts.get("fct_decisions"),
                "based_on": manifest.get("based_on"),
                "run_id": manifest.get("run_id"),
            }
        )
    return rows
