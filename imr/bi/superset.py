"""Writes the bundle for Apache Superset: the BI file as a read-only database, five marts, a dashboard.

`superset_bundle/` is a dashboard exported from Superset, with `$uri` and `$columns` in place of the database's address
and a mart's columns. Its ids are constant, so that importing a bundle replaces the one before.
"""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from string import Template

import duckdb

TEMPLATES = Path(__file__).with_name("superset_bundle")


def read_only_uri(marts: Path) -> str:
    """Return the address with which duckdb-engine opens a file without locking it."""
    return f"duckdb:///{marts.absolute()}?access_mode=READ_ONLY"


def write_bundle(marts: Path, out: Path, *, uri: str | None = None) -> list[str]:
    """Write the bundle for a BI file; return its marts. `uri` is the address of the file on Superset's machine."""
    written = []
    with duckdb.connect(str(marts), read_only=True) as connection, zipfile.ZipFile(out, "w") as bundle:
        for file in sorted(TEMPLATES.rglob("*.yaml")):
            text = file.read_text("utf-8")
            values: dict[str, object] = {"uri": uri or read_only_uri(marts)}
            if mart := re.search(r"^table_name: (\w+)$", text, re.MULTILINE):
                written.append(mart[1])
                values["columns"] = _list_columns(connection, mart[1])
            # A JSON value is also a YAML value.
            text = Template(text).substitute({name: json.dumps(value) for name, value in values.items()})
            bundle.writestr(f"imr/{file.relative_to(TEMPLATES).as_posix()}", text, zipfile.ZIP_DEFLATED)
    return written


def _list_columns(connection: duckdb.DuckDBPyConnection, mart: str) -> list[dict[str, object]]:
    columns = connection.execute(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index", [mart]
    ).fetchall()
    return [
        {"column_name": name, "type": kind, "is_dttm": kind in {"DATE", "TIMESTAMP"}, "groupby": True}
        for name, kind in columns
    ]
