"""`python -m warehouse.spark`: load runs, run dbt and export the marts as Parquet, in one session."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from warehouse.runs.run import Run
from warehouse.spark.load import load_run
from warehouse.spark.session import start_session
from warehouse.spark.transform import run_dbt

EXPORTED = ("marts", "snapshots")


def main() -> int:
    """Run the chosen actions; return 1 where a model or a test of dbt failed."""
    options = _parse_options()
    spark = start_session(options.home, options.master)
    try:
        _say(f"Spark {spark.version} on {spark.sparkContext.master}")
        for folder, loaded_at in options.load or ():
            stamp = datetime.fromisoformat(loaded_at) if loaded_at != "now" else datetime.now(UTC).replace(tzinfo=None)
            begun = time.monotonic()
            rows = load_run(spark, Run(Path(folder)), stamp)
            _say(f"loaded {Path(folder).name}: {rows} in {time.monotonic() - begun:.1f} s")
        failed = False
        for command in options.dbt or ():
            built = run_dbt(options.home.resolve(), *command.split())
            for (kind, state), count in sorted(built.nodes.items()):
                _say(f"dbt: {count} {kind} {state}")
            for failure in built.failures:
                _say(f"- {failure}")
            _say(f"dbt {command.split()[0]} took {built.seconds:.1f} s")
            failed = failed or bool(built.failures)
        if options.export and not failed:
            for row in [r for s in EXPORTED for r in spark.sql(f"SHOW TABLES IN {s}").collect()]:
                target = str(options.export / row.namespace / row.tableName)
                spark.table(f"{row.namespace}.{row.tableName}").coalesce(1).write.mode("overwrite").parquet(target)
        return int(failed)
    finally:
        spark.stop()


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m warehouse.spark", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder of the catalog, the tables and dbt's output")
    parser.add_argument("--master", help="Spark's master (default: two executors on this machine)")
    parser.add_argument(
        "--load",
        nargs=2,
        action="append",
        metavar=("RUN", "LOADED_AT"),
        help="a run's folder, and the time of its load or 'now'",
    )
    parser.add_argument("--dbt", action="append", metavar="COMMAND", help='a dbt command, such as "build"')
    parser.add_argument("--export", type=Path, help="folder to write the marts and the snapshot to, as Parquet")
    return parser.parse_args()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
