"""dbt over the tables on Spark, in the process that holds the session."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from dbt.cli.main import dbtRunner

from warehouse.build.dbt import PROJECT


@dataclass(frozen=True)
class Built:
    """What dbt did: nodes by kind and state, what failed, and how long it took in seconds."""

    nodes: Counter[tuple[str, str]]
    failures: tuple[str, ...]
    seconds: float


def run_dbt(home: Path, *command: str) -> Built:
    """Run a dbt command (`build`, `test`, ...) for the target spark; the session must have been started.

    A node that only warns counts as failed, and so does a command that did nothing.
    """
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("IMR_BUILD_FILE", "of-the-target-duckdb")
    begun = time.monotonic()
    result = dbtRunner().invoke(
        [
            *("--quiet", "--log-path", str(home / "dbt" / "logs"), *command),
            *("--target", "spark", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(home / "dbt")),
        ]
    )
    results = list(getattr(result.result, "results", None) or ())
    failures = [
        f"{n.node.resource_type} {n.node.name}: {n.status!s}: {(n.message or '').strip()}"
        for n in results
        if str(n.status) in {"error", "fail", "warn"}
    ]
    if not results:
        failures.append(f"dbt {' '.join(command)} did nothing: {result.exception or 'no node was selected'}")
    nodes = Counter((str(n.node.resource_type), str(n.status)) for n in results)
    return Built(nodes, tuple(failures), time.monotonic() - begun)
