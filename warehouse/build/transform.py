"""Builds the dbt project in a candidate warehouse; the error lists what failed."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb

from warehouse.build.dbt import PROJECT, Dbt
from warehouse.build.load import write_part_table
from warehouse.build.marts_file import start_marts_file
from warehouse.build.sources import prepare_sources
from warehouse.errors import WarehouseError
from warehouse.runs.run import Run
from warehouse.runs.schema import CODED_TABLES, LOAD_NUMBER, PART_TYPES
from warehouse.runs.step_results import LoadResult
from warehouse.versions.contents import Contents
from warehouse.versions.raw_views import quote

if TYPE_CHECKING:
    from dbt.artifacts.schemas.run import RunExecutionResult

FAILING_ROWS_SHOWN = 5
MARTS_CATALOG = "marts"
"""Database of the marts in dbt's profile."""
UNCHANGED_PROJECT = ("--selector", "tests_of_loaded_data")
"""Options of a build whose base the same state of the project has built."""
_ALIAS = re.compile(r"\balias='(\w+)'")


class TransformError(WarehouseError):
    """dbt failed. The message names each failed node, its compiled SQL and, for tests, the failing rows."""


@cache
def mart_groups() -> dict[str, tuple[str, ...]]:
    """Return the marts of each group, by their tables' names: a folder under `models/marts` is a group."""
    groups: dict[str, list[str]] = {}
    for model in sorted((PROJECT / "models" / "marts").glob("*/*.sql")):
        alias = _ALIAS.search(model.read_text("utf-8"))
        groups.setdefault(model.parent.name, []).append(alias[1] if alias else model.stem)
    return {group: tuple(marts) for group, marts in groups.items()}


def read_mart_keys(run: Run) -> dict[str, list[str]]:
    """Return the key columns of each mart that a run has built, as dbt infers them from the tests of its columns."""
    nodes = json.loads((run.dbt / "manifest.json").read_text("utf-8"))["nodes"].values()
    return {
        n["alias"]: n["primary_key"] for n in nodes if n["resource_type"] == "model" and n["database"] == MARTS_CATALOG
    }


def build(run: Run, base: Contents, *, from_scratch: bool) -> dict[str, int]:
    """Build every model, seed, snapshot and test of the dbt project in a run's candidate.

    The marts are changed in a copy of the base's BI file, by the letters that the run's part touches. `from_scratch`
    builds them anew from all raw rows. It is needed if another state of the project built the base, as an increment
    leaves the other rows unchanged. dbt's documentation is written as one static page (`static_index.html`). Returns
    how many nodes ended in each state. Raises `TransformError` if one failed.
    """
    dbt = Dbt(run.build_file, run.marts, run.dbt)
    with ThreadPoolExecutor(1) as copying:  # dbt parses its project meanwhile
        copied = copying.submit(start_marts_file, run.marts, base.marts, from_scratch=from_scratch)
        prepare_sources(run.build_file, run.part, base, from_scratch=from_scratch)
        dbt.parse()
        copied.result()
    options = ["--exclude-resource-type", "unit_test"]  # unit tests check the SQL, not a load
    result = dbt.invoke("build", *options, *(["--full-refresh"] if from_scratch else UNCHANGED_PROJECT))
    nodes = result.result
    if nodes is None:
        raise TransformError(f"dbt could not start: {result.exception}")
    counts: dict[str, int] = {}
    for node in nodes:
        counts[str(node.status)] = counts.get(str(node.status), 0) + 1
    if not result.success:
        raise TransformError(_describe_failures(run, nodes))
    documented = dbt.invoke("docs", "generate", "--static", "--no-compile")  # the build has compiled everything
    if not documented.success:
        raise TransformError(f"dbt could not write its documentation: {documented.exception}")
    _write_reasons(run)
    return counts


def _write_reasons(run: Run) -> None:
    """Write the coded reasons with their sentences, which no mart has, to the run's part."""
    loaded = run.find_result(LoadResult) or LoadResult()
    with duckdb.connect(str(run.build_file), read_only=True) as connection:
        for table, model in CODED_TABLES.items():
            names = ", ".join(name for name in PART_TYPES[table] if name != LOAD_NUMBER)
            query = f"SELECT {names}, {loaded.load_number}::BIGINT AS {LOAD_NUMBER} FROM intermediate.{model}"  # noqa: S608 - names of the schema
            write_part_table(connection, run, table, query)


def _describe_failures(run: Run, nodes: RunExecutionResult) -> str:
    """Return the error message: failed nodes, compiled SQL, failing rows, skipped nodes."""
    failed = [n for n in nodes if str(n.status) in {"error", "fail"}]
    skipped = [n.node.name for n in nodes if str(n.status) == "skipped"]
    lines = [f"dbt: {len(failed)} of {len(nodes)} nodes failed"]
    for result in failed:
        lines.append(f"- {result.node.resource_type} {result.node.name}: {(result.message or '').strip()}")
        if compiled := getattr(result.node, "compiled_path", None):
            lines.append(f"  compiled SQL: {compiled}")
        if str(result.status) == "fail":
            lines += [f"  failing row: {row}" for row in _read_failing_rows(run, result.node.compiled_code)]
    if skipped:
        lines.append(f"skipped because of this: {', '.join(skipped)}")
    lines.append(f"dbt's log: {run.dbt / 'logs' / 'dbt.log'}")
    return "\n".join(lines)


def _read_failing_rows(run: Run, test: str) -> list[dict[str, Any]]:
    """Run a test's compiled SQL, which selects its failing rows; return the first of them."""
    with duckdb.connect(str(run.build_file), read_only=True) as connection:
        connection.execute(f"ATTACH {quote(run.marts)} AS {MARTS_CATALOG} (READ_ONLY)")
        failing = connection.sql(test).limit(FAILING_ROWS_SHOWN)
        return [dict(zip(failing.columns, row, strict=True)) for row in failing.fetchall()]
