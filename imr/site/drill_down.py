"""The decisions behind the charts, in small files by month and category that the page loads on demand.

Each file is a script with one JSON value: browsers do not fetch JSON for a page opened from a file share.
"""

from __future__ import annotations

import json
from pathlib import Path

from imr.progress import show_progress
from imr.site.dashboard import connect, read_query

ROWS_PER_FILE = 2000


def write_decisions(marts: Path, folder: Path, *, rows_per_file: int = ROWS_PER_FILE, shown: bool = False) -> int:
    """Write the decisions of a marts file into a folder, with an index; return their number."""
    folder.mkdir(parents=True)
    chunks: list[list[object]] = []
    written = 0
    with connect(marts) as connection:
        for table in ("attributes", "names"):
            connection.execute(f"CREATE TEMP TABLE {table} AS {read_query(table)}")
        ids: dict[str, dict[str, int]] = {}
        for attribute, name, name_id in connection.execute("FROM names ORDER BY name_id").fetchall():
            ids.setdefault(attribute, {})[name] = name_id
        months = dict(connection.execute(read_query("group_months")).fetchall())
        (total,) = connection.execute("SELECT count(*) FROM fct_decisions").fetchone() or (0,)
        # A variable: with a bound value DuckDB imports pandas, which takes longer than the query.
        connection.execute(f"SET VARIABLE rows_per_file = {rows_per_file:d}")
        result = connection.execute(read_query("decisions"))
        with show_progress("decisions behind the charts", int(total), shown=shown) as show_done:
            while row := result.fetchone():
                month, category, part, decisions, overturned, rows = row
                name = f"{month}-{category}-{part}"
                _write_script(folder / f"{name}.js", name, f"[{rows}]")
                chunks.append([month, category, part, decisions, overturned])
                written += decisions
                show_done(written)
    index = {"ids": ids, "monthsOf": months, "chunks": chunks}
    _write_script(folder / "index.js", "index", json.dumps(index, ensure_ascii=False, separators=(",", ":")))
    return written


def _write_script(file: Path, name: str, text: str) -> None:
    """Write a JSON text as a script that passes it to the page."""
    file.write_text(f"imrReceive({json.dumps(name)},{text});\n", "utf-8")
