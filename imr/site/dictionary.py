"""The data dictionary: every mart of the published version, its grain, columns, types, meaning and tests."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

SENTENCE = re.compile(r"(?<=[.])\s+")


@dataclass
class Column:
    """A column as the BI file has it, and what the dbt project says of it."""

    name: str
    kind: str
    meaning: str
    tests: list[str]


@dataclass
class Mart:
    """A mart: `grain` says what a row is, `more` the rest of its description."""

    name: str
    rows: int
    grain: str
    more: str
    columns: list[Column]
    tests: list[str] = field(default_factory=list)


def read_dictionary(marts: Path, dbt: Path) -> list[Mart]:
    """Return the marts of a BI file, described by the manifest of the dbt run that built them (empty without it)."""
    manifest_file = dbt / "manifest.json"
    manifest = json.loads(manifest_file.read_text("utf-8")) if manifest_file.exists() else {"nodes": {}}
    nodes = list(manifest["nodes"].values())
    models = {n["alias"]: n for n in nodes if n["resource_type"] == "model" and n["schema"].endswith("marts")}
    tests: dict[tuple[str, str | None], set[str]] = {}
    for node in nodes:
        if node["resource_type"] == "test" and node.get("attached_node"):
            tests.setdefault((node["attached_node"], node.get("column_name")), set()).add(_test_name(node))
    with duckdb.connect(str(marts), read_only=True) as connection:
        tables = connection.execute(
            "SELECT table_name, estimated_size FROM duckdb_tables() WHERE schema_name = 'main' ORDER BY table_name"
        ).fetchall()
        columns = connection.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'main' "
            "ORDER BY table_name, column_index"
        ).fetchall()
    return [
        _mart(name, rows, [(column, kind) for table, column, kind in columns if table == name], models.get(name), tests)
        for name, rows in tables
    ]


def _mart(
    name: str,
    rows: int,
    columns: list[tuple[str, str]],
    model: dict[str, Any] | None,
    tests: dict[tuple[str, str | None], set[str]],
) -> Mart:
    told = model or {"unique_id": None, "description": "", "columns": {}}
    grain, *more = SENTENCE.split(told["description"].strip(), maxsplit=1)
    return Mart(
        name,
        rows,
        grain,
        more[0] if more else "",
        [
            Column(
                column,
                kind.lower(),
                _plain(told["columns"].get(column, {}).get("description", "")),
                sorted(tests.get((told["unique_id"], column), set())),
            )
            for column, kind in columns
        ],
        sorted(tests.get((told["unique_id"], None), set())),
    )


def _test_name(node: dict[str, Any]) -> str:
    """Return a test as a person says it: `relationships` names where it leads."""
    metadata = node.get("test_metadata") or {"name": node["name"], "kwargs": {}}
    to = re.search(r"ref\('(\w+)'\)", str(metadata["kwargs"].get("to", "")))
    return f"in {to[1]}" if to else str(metadata["name"]).replace("_", " ")


def _plain(text: str) -> str:
    return re.sub(r"[*`]", "", text).strip()
