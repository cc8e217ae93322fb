"""Runs dbt on Spark, in the process of the session."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from dbt.cli.main import dbtRunner
from pyspark.sql import SparkSession

from warehouse.build.dbt import PROJECT

FAILING_ROWS_SHOWN = 5


@dataclass(frozen=True)
class DbtResult:
    """Result of a dbt command: nodes by kind and state, failures, and seconds."""

    nodes: Counter[tuple[str, str]]
    failures: tuple[str, ...]
    seconds: float


def run_dbt(home: Path, *command: str) -> DbtResult:
    """Run a dbt command (`build`, `test`, ...) for the target `spark` in the running session.

    Every model is built anew, as Parquet tables have no transaction in which the rows of a letter could be replaced.
    Warnings count as failures, and so does a command that selects no node. The failure of a test lists failing rows.
    """
    os.environ.setdefault("DO_NOT_TRACK", "1")
    for file in ("IMR_BUILD_FILE", "IMR_MARTS_FILE"):
        os.environ.setdefault(file, "of-the-target-duckdb")
    begun = time.monotonic()
    result = dbtRunner().invoke(
        [
            *("--quiet", "--log-path", str(home / "dbt" / "logs"), *command),
            *(["--full-refresh"] if command[0] in ("build", "run") else []),
            *("--target", "spark", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(home / "dbt")),
        ]
    )
    results = list(getattr(result.result, "results", None) or ())
    failures = []
    for n in results:
        if str(n.status) in {"error", "fail", "warn"}:
            failures.append(f"{n.node.resource_type} {n.node.name}: {n.status!s}: {(n.message or '').strip()}")
        if str(n.status) == "fail" and n.node.resource_type == "test":  # the message of a unit test has its rows
            rows = SparkSession.active().sql(n.node.compiled_code).limit(FAILING_ROWS_SHOWN).collect()
            failures += [f"  failing row: {row.asDict()}" for row in rows]
    if not results:
        failures.append(f"dbt {' '.join(command)} ran nothing: {result.exception or 'no node was selected'}")
    nodes = Counter((str(n.node.resource_type), str(n.status)) for n in results)
    return DbtResult(nodes, tuple(failures), time.monotonic() - begun)
