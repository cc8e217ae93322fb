"""Builds a candidate's models, snapshot and tests with dbt."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb

from warehouse.build.connection import open_for_writing
from warehouse.build.dbt import PROJECT, Dbt
from warehouse.errors import WarehouseError
from warehouse.runs.run import Run

if TYPE_CHECKING:
    from dbt.artifacts.schemas.run import RunExecutionResult

FAILING_ROWS_SHOWN = 5
_ALIAS = re.compile(r"\balias='(\w+)'")


class TransformError(WarehouseError):
    """dbt failed; the message lists each failed node with its compiled SQL, and failing rows of tests."""


@cache
def mart_groups() -> dict[str, tuple[str, ...]]:
    """Return the tables of each group of marts; each folder under `models/marts` is a group."""
    groups: dict[str, list[str]] = {}
    for model in sorted((PROJECT / "models" / "marts").glob("*/*.sql")):
        alias = _ALIAS.search(model.read_text("utf-8"))
        groups.setdefault(model.parent.name, []).append(alias[1] if alias else model.stem)
    return {group: tuple(marts) for group, marts in groups.items()}


def build(run: Run, *, from_scratch: bool) -> dict[str, int]:
    """Build every model, seed, snapshot and test in a run's candidate; return how many nodes ended in each state.

    `from_scratch` rebuilds incremental models. It is needed where another version of the project has built the base,
    as rows that this load does not change would stay as they are. Writes dbt's documentation as one static page
    (`static_index.html`). Raises `TransformError` if a node fails.
    """
    with open_for_writing(run.candidate):
        pass  # otherwise dbt would retry for a minute and not name the process that has the file open
    options = ["--store-failures", "--exclude-resource-type", "unit_test"]  # unit tests check the SQL, not the data
    dbt = Dbt(run.candidate, run.dbt)
    result = dbt.invoke("build", *options, *(["--full-refresh"] if from_scratch else []))
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
    return counts


def _describe_failures(run: Run, nodes: RunExecutionResult) -> str:
    """Return the failed nodes with their SQL and failing rows, and the skipped ones, as text."""
    failed = [n for n in nodes if str(n.status) in {"error", "fail"}]
    skipped = [n.node.name for n in nodes if str(n.status) == "skipped"]
    lines = [f"dbt: {len(failed)} of {len(nodes)} nodes failed"]
    for result in failed:
        lines.append(f"- {result.node.resource_type} {result.node.name}: {(result.message or '').strip()}")
        compiled, stored = (getattr(result.node, name, None) for name in ("compiled_path", "relation_name"))
        if compiled:
            lines.append(f"  compiled SQL: {compiled}")
        if str(result.status) == "fail" and stored:
            lines += [f"  failing row: {row}" for row in _read_failing_rows(run, stored)]
    if skipped:
        lines.append(f"skipped because of this: {', '.join(skipped)}")
    lines.append(f"dbt's log: {run.dbt / 'logs' / 'dbt.log'}")
    return "\n".join(lines)


def _read_failing_rows(run: Run, relation: str) -> list[dict[str, Any]]:
    with duckdb.connect(str(run.candidate), read_only=True) as connection:
        rows = connection.execute(f"SELECT * FROM {relation} LIMIT {FAILING_ROWS_SHOWN}")  # noqa: S608 - the name of dbt's table
        names = [column[0] for column in rows.description]
        return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
