"""The data of the pages of charts: their layout (`pages/`), and the rows of each query on the marts."""

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
LAYOUTS = ("dashboard.toml", "reasons.toml")
"""In the order of the navigation."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Dashboard:
    """A page of charts: its entry in `pages/`, its charts, and the rows of each query by its name."""

    file: str
    name: str
    text: str
    headline: str
    lead: str
    sections: list[dict[str, Any]]
    columns: dict[str, Any]
    rows: dict[str, list[Row]]

    def as_data(self) -> dict[str, Any]:
        """Return the data of the page's script: charts with their specifications, and rows."""
        charts = {}
        for section in self.sections:
            for chart in section["chart"]:
                columns = chart["columns"]
                charts[chart["id"]] = {
                    "name": chart["name"],
                    "query": chart["query"],
                    "rows": chart.get("rows", {}),
                    "specs": [_read_spec(name) for name in chart["spec"]],
                    "narrow": [_read_spec(f"{name}.narrow", name) for name in chart["spec"]],
                    "limit": chart.get("limit"),
                    "drill": chart.get("drill", []),
                    "columns": self.columns[columns] if isinstance(columns, str) else columns,
                }
        return {"charts": charts, "rows": {name: _pack(rows) for name, rows in self.rows.items()}}

    @property
    def periods(self) -> list[str]:
        """The years of decision, newest first."""
        return sorted({row["period"] for row in self.rows["totals"]} - {"all"}, reverse=True)

    def find_headline(self, default: str) -> str:
        """Return the finding of all years that is the page's title."""
        found = {(row["chart"], row["period"]): row["headline"] for row in self.rows["headlines"]}
        return str(found.get((self.headline, "all"), default))


def read_dashboards(marts: Path) -> list[Dashboard]:
    """Run the queries of the pages on a marts file, in their order; later queries can read earlier ones.

    Raises `WarehouseError` with the name of a query that fails.
    """
    dashboards = []
    with connect(marts) as connection:
        for file in LAYOUTS:
            layout = tomllib.loads((HERE / "pages" / file).read_text("utf-8"))
            tables = {name: _run_query(connection, marts, name) for name in layout["queries"]}
            tables["headlines"] = tables.pop(layout["headlines"])
            for page in layout["page"]:
                wanted = page.pop("rows", {})
                rows = {name: _select(found, wanted) for name, found in tables.items()}
                dashboards.append(Dashboard(**page, sections=layout["section"], columns=layout["columns"], rows=rows))
    return dashboards


def _select(rows: list[Row], wanted: Row) -> list[Row]:
    """Return the rows with the wanted values, in columns that they have."""
    return [row for row in rows if all(row.get(column, value) == value for column, value in wanted.items())]


def connect(marts: Path) -> duckdb.DuckDBPyConnection:
    """Open a marts file read-only, with the macros of the queries."""
    connection = duckdb.connect(str(marts), read_only=True)
    connection.execute(read_query("macros"))
    return connection


def read_query(name: str) -> str:
    """Return the SQL of a query."""
    return (QUERIES / f"{name}.sql").read_text("utf-8")


def _run_query(connection: duckdb.DuckDBPyConnection, marts: Path, name: str) -> list[Row]:
    try:
        connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {read_query(name)}')
        result = connection.execute(f'FROM temp."{name}"')
    except duckdb.Error as error:
        raise WarehouseError(f"{name}.sql cannot be run on {marts}: {error}") from error
    columns = [column[0] for column in result.description]
    return [dict(zip(columns, map(_to_json, row), strict=True)) for row in result.fetchall()]


def _read_spec(*names: str) -> Any:
    """Return the first existing chart specification; a chart may have a variant for narrow screens."""
    file = next(f for name in names if (f := CHARTS / f"{name}.vl.json").exists())
    return json.loads(file.read_text("utf-8"))


def _to_json(value: Any) -> Any:
    """Return a value that JSON can hold, with the six digits that a chart needs."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return round(value, 6) if isinstance(value, float) else value


def _pack(rows: list[Row]) -> dict[str, Any]:
    """Return rows with the column names written once."""
    return {"columns": list(rows[0]) if rows else [], "rows": [list(row.values()) for row in rows]}
