"""The drill-down: every decision of the marts in small files by month and category, loaded as the page needs them.

They are scripts that hand one JSON value to the page: a page that was opened from a file share may not fetch JSON.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from imr.progress import show_progress
from imr.site.cubes import QUERIES, connect

ROWS_A_FILE = 2000
INDEX = "index.js"


def write_decisions(marts: Path, folder: Path, *, rows_a_file: int = ROWS_A_FILE, shown: bool = False) -> int:
    """Write the drill-down of a marts file into a folder, with its index; return how many decisions it holds."""
    folder.mkdir(parents=True)
    chunks: list[list[Any]] = []
    with connect(marts) as connection:
        names: dict[str, list[str]] = dict(connection.execute(_sql("names")).fetchall())
        connection.execute(
            f"SET VARIABLE names = (SELECT map(list(attribute), list(names)) FROM ({_sql('names')}))"  # noqa: S608 - our own file
        )
        months_of: dict[str, dict[str, list[str]]] = {}
        for attribute, name, months in connection.execute(_sql("months_of")).fetchall():
            months_of.setdefault(attribute, {})[name] = sorted(months)
        (total,) = connection.execute("SELECT count(*) FROM fct_decisions").fetchone() or (0,)
        # As a variable: a bound value would make DuckDB import pandas, which takes longer than the query.
        connection.execute(f"SET VARIABLE rows_a_file = {rows_a_file:d}")
        told = connection.execute(_sql("decisions"))
        written = 0
        with show_progress("decisions behind the charts", int(total), shown=shown) as tell:
            while found := told.fetchone():
                month, category, part, decisions, overturned, rows = found
                name = f"{month}-{category}-{part}"
                write_script(folder / f"{name}.js", name, f"[{rows}]")
                chunks.append([month, category, part, decisions, overturned])
                written += decisions
                tell(written)
    index = {"names": names, "monthsOf": months_of, "chunks": chunks}
    write_script(folder / INDEX, "index", json.dumps(index, ensure_ascii=False, separators=(",", ":")))
    return written


def write_script(file: Path, name: str, text: str) -> None:
    """Write a JSON text as a script that hands it to the page under a name."""
    file.write_text(f"imrReceive({json.dumps(name)},{text});\n", "utf-8")


def _sql(name: str) -> str:
    return (QUERIES / f"{name}.sql").read_text("utf-8")
