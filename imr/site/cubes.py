"""The dashboard's small tables: every number on the page is a row of one of them, asked of the marts by SQL."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse.errors import WarehouseError

HERE = Path(__file__).parent
QUERIES = HERE / "queries"
CHARTS = HERE / "charts"

Row = dict[str, Any]


@dataclass(frozen=True)
class Dashboard:
    """What stands on the page (`dashboard.toml`), and each query's rows."""

    layout: dict[str, Any]
    cubes: dict[str, list[Row]]

    def as_data(self) -> dict[str, Any]:
        """Return what the page's script needs: charts with their specifications, rows and titles."""
        charts = {}
        for section in self.layout["section"]:
            for chart in section["chart"]:
                columns = chart["columns"]
                charts[chart["id"]] = {
                    "name": chart["name"],
                    "query": chart["query"],
                    "rows": chart.get("rows", {}),
                    "specs": [_spec(name) for name in chart["spec"]],
                    "narrow": [_spec(f"{name}.narrow", name) for name in chart["spec"]],
                    "most": chart.get("most"),
                    "drill": chart.get("drill", []),
                    "columns": self.layout["columns"][columns] if isinstance(columns, str) else columns,
                }
        return {"charts": charts, "cubes": {name: _columnar(rows) for name, rows in self.cubes.items()}}

    @property
    def periods(self) -> list[str]:
        """The years that decisions were made in, newest first."""
        return sorted({row["period"] for row in self.cubes["totals"]} - {"all"}, reverse=True)


def read_dashboard(marts: Path) -> Dashboard:
    """Ask every query of a marts file, in the order of `dashboard.toml`: a later one may read an earlier one's rows.

    Raises `WarehouseError` that names the query where the file lacks what it asks for.
    """
    layout = tomllib.loads((HERE / "dashboard.toml").read_text("utf-8"))
    with connect(marts) as connection:
        return Dashboard(layout, {name: _ask(connection, marts, name) for name in layout["queries"]})


def connect(marts: Path) -> duckdb.DuckDBPyConnection:
    """Open a marts file read-only, with the macros that queries share."""
    connection = duckdb.connect(str(marts), read_only=True)
    connection.execute((QUERIES / "prelude.sql").read_text("utf-8"))
    return connection


def _ask(connection: duckdb.DuckDBPyConnection, marts: Path, name: str) -> list[Row]:
    file = QUERIES / f"{name}.sql"
    try:
        connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {file.read_text("utf-8")}')  # our own file
        answer = connection.execute(f'FROM temp."{name}"')
    except duckdb.Error as error:
        raise WarehouseError(f"{file.name} cannot be asked of {marts}: {error}") from error
    columns = [column[0] for column in answer.description]
    return [dict(zip(columns, map(_plain, row), strict=True)) for row in answer.fetchall()]


def _spec(*names: str) -> Any:
    """Return the first of some chart specifications that there is: a chart may have another for narrow screens."""
    file = next(f for name in names if (f := CHARTS / f"{name}.vl.json").exists())
    return json.loads(file.read_text("utf-8"))


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it; six digits are more than any chart or table shows."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return round(value, 6) if isinstance(value, float) else value


def _columnar(rows: list[Row]) -> dict[str, Any]:
    """Return rows with each column's name written once."""
    columns = list(rows[0]) if rows else []
    return {"columns": columns, "rows": [list(row.values()) for row in rows]}
