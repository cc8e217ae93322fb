"""A bundle that Apache Superset imports: the BI file as a read-only database, five marts, a dashboard on them.

`superset import-dashboards -p bundle.zip -u admin`. Importing it again replaces what it brought, since every part
keeps its id. Superset's own format (YAML in a zip, version 1.0.0); JSON is YAML, so nothing else is needed.
"""

from __future__ import annotations

import json
import uuid
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

Part = dict[str, Any]

SPACE = uuid.UUID("6f2b6a5c-5d0e-4a41-9a52-1f6d9d6b7c11")
DATABASE = "IMR warehouse"
OVERTURNED = "sum(overturned_count) * 1.0 / sum(decision_count)"
"""Rates are never averaged: counts are added up and divided."""

CHARTS = {
    "agg_outcomes_by_month": ("Overturn rate by month", "echarts_timeseries_line", "decision_month", "month_key"),
    "agg_outcomes_by_category_month": ("Overturn rate by category", "table", "decision_month", "treatment_category"),
    "agg_outcomes_by_drug_class_month": ("Overturn rate by drug class", "table", "decision_month", "drug_class"),
    "agg_outcomes_by_specialty": ("Overturn rate by specialty", "table", None, "specialty"),
    "agg_outcomes_by_evidence": ("Overturn rate by evidence", "table", None, "reviewer_evidence"),
}
"""A mart each: the chart's name, Superset's kind of chart, the mart's time column, the column that it groups by."""


def read_only_uri(marts: Path) -> str:
    """Return the address under which duckdb-engine opens a file without locking it against a load."""
    return f"duckdb:///{marts.absolute()}?access_mode=READ_ONLY"


def write_bundle(marts: Path, out: Path, *, uri: str | None = None) -> list[str]:
    """Write the bundle for a BI file; return the marts in it. `uri` is where Superset's machine finds the file."""
    parts: dict[str, Part] = {
        "metadata.yaml": {"type": "Dashboard", "timestamp": datetime.now(UTC).isoformat()},
        "databases/imr_warehouse.yaml": _database(uri or read_only_uri(marts)),
    }
    with duckdb.connect(str(marts), read_only=True) as connection:
        for mart, (name, kind, time_column, group) in CHARTS.items():
            columns = connection.execute(
                f"SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '{mart}' ORDER BY column_index"  # noqa: S608 - a closed list of names
            ).fetchall()
            parts[f"datasets/imr_warehouse/{mart}.yaml"] = _dataset(mart, time_column, columns)
            parts[f"charts/{mart}.yaml"] = _chart(mart, name, kind, time_column, group)
    parts["dashboards/imr.yaml"] = _dashboard()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for path, part in parts.items():
            bundle.writestr(f"imr/{path}", json.dumps({"version": "1.0.0"} | part, indent=2))
    return list(CHARTS)


def _id(name: str) -> str:
    return str(uuid.uuid5(SPACE, name))


def _database(uri: str) -> Part:
    return {
        "database_name": DATABASE,
        "sqlalchemy_uri": uri,
        "cache_timeout": None,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_file_upload": False,
        "extra": {},
        "uuid": _id("database"),
    }


def _dataset(mart: str, time_column: str | None, columns: list[tuple[str, str]]) -> Part:
    return {
        "table_name": mart,
        "schema": "main",
        "main_dttm_col": time_column,
        "sql": None,
        "params": None,
        "template_params": None,
        "filter_select_enabled": True,
        "extra": None,
        "uuid": _id(f"dataset {mart}"),
        "database_uuid": _id("database"),
        "metrics": [
            {"metric_name": "decisions", "verbose_name": "Decisions", "expression": "sum(decision_count)"},
            {
                "metric_name": "overturn_rate",
                "verbose_name": "Overturn rate",
                "expression": OVERTURNED,
                "d3format": ".1%",
            },
        ],
        "columns": [
            {"column_name": name, "type": kind, "is_dttm": kind in {"DATE", "TIMESTAMP"}, "groupby": True}
            for name, kind in columns
        ],
    }


def _chart(mart: str, name: str, kind: str, time_column: str | None, group: str) -> Part:
    params: Part = {"viz_type": kind, "row_limit": 1000, "adhoc_filters": []}
    if kind == "table":
        params |= {"query_mode": "aggregate", "groupby": [group], "metrics": ["decisions", "overturn_rate"]}
    else:
        params |= {"x_axis": time_column, "time_grain_sqla": "P1M", "metrics": ["overturn_rate"], "groupby": []}
    return {
        "slice_name": name,
        "viz_type": kind,
        "params": params,
        "cache_timeout": None,
        "uuid": _id(f"chart {mart}"),
        "dataset_uuid": _id(f"dataset {mart}"),
    }


def _dashboard() -> Part:
    """Lay the charts out one below the other, each as wide as the page."""
    position: Part = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "parents": ["ROOT_ID"], "children": []},
    }
    for mart, (name, *_) in CHARTS.items():
        row, chart = f"ROW-{mart}", f"CHART-{mart}"
        position["GRID_ID"]["children"].append(row)
        above = ["ROOT_ID", "GRID_ID"]
        look = {"background": "BACKGROUND_TRANSPARENT"}
        position[row] = {"type": "ROW", "id": row, "parents": above, "children": [chart], "meta": look}
        position[chart] = {
            "type": "CHART",
            "id": chart,
            "parents": [*above, row],
            "children": [],
            "meta": {"width": 12, "height": 50, "uuid": _id(f"chart {mart}"), "sliceName": name, "chartId": 0},
        }
    return {
        "dashboard_title": "Independent medical review",
        "description": "Which denials are overturned",
        "css": "",
        "slug": "imr",
        "uuid": _id("dashboard"),
        "position": position,
        "metadata": {},
    }
