"""Writes the bundle for Apache Superset: the BI file as a read-only database, five marts, a dashboard.

The template `superset_bundle.yaml` holds the files of a dashboard exported from Superset.
"""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from string import Template

import duckdb

TEMPLATE = Path(__file__).with_name("superset_bundle.yaml")
_FILE = re.compile(r"^--- # file: (\S+)\n", re.MULTILINE)


def read_only_uri(marts: Path) -> str:
    """Return the address with which duckdb-engine opens a file without locking it."""
    return f"duckdb:///{marts.absolute()}?access_mode=READ_ONLY"


def write_bundle(marts: Path, out: Path, *, uri: str | None = None) -> list[str]:
    """Write the bundle for a BI file; return its marts. `uri` is the address of the file on Superset's machine."""
    written = []
    with duckdb.connect(str(marts), read_only=True) as connection, zipfile.ZipFile(out, "w") as bundle:
        _, *parts = _FILE.split(TEMPLATE.read_text("utf-8"))
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            values: dict[str, object] = {"uri": uri or read_only_uri(marts)}
            if mart := re.search(r"^table_name: (\w+)$", text, re.MULTILINE):
                written.append(mart[1])
                values["columns"] = _list_columns(connection, mart[1])
            # A JSON value is also a YAML value.
            content = Template(text).substitute({key: json.dumps(value) for key, value in values.items()})
            bundle.writestr(f"imr/{name}", content, zipfile.ZIP_DEFLATED)
    return written


def _list_columns(connection: duckdb.DuckDBPyConnection, mart: str) -> list[dict[str, object]]:
    columns = connection.execute(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index", [mart]
    ).fetchall()
    return [
        {"column_name": name, "type": kind, "is_dttm": kind in {"DATE", "TIMESTAMP"}, "groupby": True}
        for name, kind in columns
    ]
