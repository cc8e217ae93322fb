"""`make spark-test`: builds the dbt project on Spark and compares every mart with DuckDB's, row by row.

Not part of `make test`, as it takes long and needs an environment of its own. Both warehouses are built from the same
run files, twice: from sample letters and synthetic days in two loads, the second of which is an increment; and from
many synthetic letters. Exits with an error where a model or a test fails, or a row differs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from extract.samples import write_samples
from tests.conftest import PROJECT, SHARED_LETTERS
from tests.spark import loads
from tests.spark.compare import compare_warehouses
from tests.support.timing import measure
from warehouse.build import transform
from warehouse.build.load import load_run
from warehouse.runs.run import Run
from warehouse.runs.step_results import LoadResult
from warehouse.versions.contents import Contents

PYTHON = PROJECT / ".venv-spark" / "bin" / "python"
BUILD = "build --exclude-resource-type unit_test"


@dataclass
class Pair:
    """A warehouse on DuckDB and one on Spark with the same loads; `contents` are those on DuckDB."""

    name: str
    home: Path
    contents: Contents = field(default_factory=Contents)

    def load(self, runs: Sequence[Run], dbt: str, *, from_scratch: bool) -> int:
        """Load runs into both, build both with dbt, and return how many rows of their marts differ."""
        stamps = []
        for run in runs:
            before = self.contents
            stamps.append(self._load_into_duckdb(run))
            if not from_scratch or run == runs[-1]:
                with measure(f"DuckDB, {self.name}: dbt"):
                    transform.build(run, before, from_scratch=from_scratch)
                self.contents = before.extend(run.part, run.marts)
        with measure(f"Spark, {self.name}: start, load, dbt and export"):
            self._run_spark(runs, stamps, dbt)
        return self._compare()

    def _load_into_duckdb(self, run: Run) -> datetime:
        number = len(self.contents.parts) + 1
        with run.record_step(LoadResult(load_number=number)):
            load_run(run, self.contents, number)
        self.contents = Contents((*self.contents.parts, run.part), self.contents.marts)
        with self.contents.open() as connection:
            row = connection.execute("SELECT max(loaded_at) FROM raw.files").fetchone()
        assert row
        stamp: datetime = row[0]
        return stamp

    def _run_spark(self, runs: Sequence[Run], stamps: Sequence[datetime], dbt: str) -> None:
        command = [str(PYTHON), "-m", "warehouse.spark", "--home", str(self.home / "spark")]
        for run, stamp in zip(runs, stamps, strict=True):
            command += ["--load", str(run.folder), stamp.isoformat(sep=" ")]
        command += ["--dbt", dbt, "--export", str(self.home / "exported")]
        ended = subprocess.run(command, cwd=PROJECT, env=os.environ | {"PYTHONUNBUFFERED": "1"})
        if ended.returncode:
            raise SystemExit(f"{self.name}: Spark failed; dbt's log: {self.home}/spark/dbt/logs/dbt.log")

    def _compare(self) -> int:
        assert self.contents.marts is not None
        compared = compare_warehouses(self.contents.marts, self.home / "exported")
        assert compared, "no mart to compare"
        _say(f"\n{self.name}: rows in DuckDB, in Spark, differing")
        for one in compared:
            _say(f"  {one.table:48} {one.duckdb_rows:>9,} {one.spark_rows:>9,} {one.differing:>9,}")
            for example in one.examples:
                _say(f"      {example}")
        differing = sum(one.differing for one in compared)
        _say(f"{self.name}: {len(compared)} tables, {differing} rows differ\n")
        return differing


def main() -> int:
    """Compare the chosen data sets; return 1 where a row differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("small", "synthetic"), help="one of the data sets")
    parser.add_argument("--letters", type=int, default=100_000, help="synthetic letters")
    parser.add_argument("--folder", type=Path, help="working folder (default: temp)")
    options = parser.parse_args()
    differing = 0
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="imr-spark-") as folder:
        if options.only != "synthetic":
            differing += _compare_small(Path(folder) / "small")
        if options.only != "small":
            pair = Pair(f"{options.letters:,} synthetic letters", Path(folder) / "synthetic")
            runs = loads.write_synthetic(pair.home / "runs", options.letters, loads=4)
            differing += pair.load(runs, BUILD, from_scratch=True)
    _say("every mart is equal" if differing == 0 else f"{differing} rows differ")
    return int(differing > 0)


def _compare_small(home: Path) -> int:
    letters = SHARED_LETTERS
    if not letters.is_dir():
        letters = home / "samples"
        write_samples(letters)
    _say(f"letters read: {'the labelled ones' if letters == SHARED_LETTERS else 'the samples'}")
    read, days = loads.read_letters(letters, home), loads.write_days(home / "runs")
    loads.quarantine_letters(days[2], before=read[0])
    pair = Pair("sample letters and synthetic days", home)
    differing = pair.load([read[0], *days[:3]], "build", from_scratch=True)
    pair.name += ", second load"
    increment = " ".join((BUILD, *transform.UNCHANGED_PROJECT))
    return differing + pair.load([read[1], *days[3:]], increment, from_scratch=False)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
