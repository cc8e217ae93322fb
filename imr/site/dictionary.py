"""The data dictionary: grain, columns, types, tests and constraints of each mart of the published version."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

Tests = dict[tuple[str, str | None], set[str]]
"""Names of tests by model and column (`None` for tests of the model)."""


@dataclass(frozen=True)
class Column:
    """A column of the BI file, with its description and tests in the dbt project."""

    name: str
    kind: str
    description: str
    tests: list[str]


@dataclass(frozen=True)
class Mart:
    """A mart; `grain` is the first sentence of its description, `details` the rest."""

    name: str
    rows: int
    grain: str
    details: str
    columns: list[Column]
    tests: list[str]


def read_dictionary(marts: Path, dbt: Path) -> list[Mart]:
    """Return the marts of a BI file, described by the manifest of their dbt run (without descriptions if missing)."""
    manifest_file = dbt / "manifest.json"
    nodes = list(json.loads(manifest_file.read_text("utf-8"))["nodes"].values()) if manifest_file.exists() else []
    models = {n["alias"]: n for n in nodes if n["resource_type"] == "model" and n["database"] == "marts"}
    tests: Tests = {}
    for node in nodes:
        if node["resource_type"] == "test" and node.get("attached_node"):
            tests.setdefault((node["attached_node"], node.get("column_name")), set()).add(_name_test(node))
    for model in models.values():
        for column in model["columns"].values():
            for constraint in column["constraints"]:
                names = {"primary_key": {"not null", "unique"}}.get(constraint["type"], {"not null"})
                tests.setdefault((model["unique_id"], column["name"]), set()).update(names)
    with duckdb.connect(str(marts), read_only=True) as connection:
        tables = connection.execute(
            "SELECT table_name, estimated_size FROM duckdb_tables() WHERE schema_name = 'main' ORDER BY table_name"
        ).fetchall()
        columns = connection.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'main' "
            "ORDER BY table_name, column_index"
        ).fetchall()
    return [
        _make_mart(name, rows, [(column, kind) for table, column, kind in columns if table == name], models, tests)
        for name, rows in tables
    ]


def _make_mart(
    name: str, rows: int, columns: list[tuple[str, str]], models: dict[str, dict[str, Any]], tests: Tests
) -> Mart:
    model = models.get(name, {"unique_id": "", "description": "", "columns": {}})
    grain, details, *_ = [*re.split(r"(?<=[.])\s+", _strip_markup(model["description"]), maxsplit=1), ""]
    return Mart(
        name,
        rows,
        grain,
        details,
        [
            Column(
                column,
                kind.lower(),
                _strip_markup(model["columns"].get(column, {}).get("description", "")),
                sorted(tests.get((model["unique_id"], column), ())),
            )
            for column, kind in columns
        ],
        sorted(tests.get((model["unique_id"], None), ())),
    )


def _name_test(node: dict[str, Any]) -> str:
    """Return a test's name for readers; a `relationships` test becomes "in <model>"."""
    metadata = node.get("test_metadata") or {"name": node["name"], "kwargs": {}}
    to = re.search(r"ref\('(\w+)'\)", str(metadata["kwargs"].get("to", "")))
    return f"in {to[1]}" if to else str(metadata["name"]).replace("_", " ")


def _strip_markup(text: str) -> str:
    return re.sub(r"[*`]", "", text).strip()
