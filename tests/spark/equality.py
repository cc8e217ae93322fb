"""`make spark-test`: all models and tests of the dbt project on Spark, and every mart equal to DuckDB's, row by row.

Not part of `make test`: it takes long, and an environment of its own. Both warehouses are built from the same run
files, twice: from letters that were read and made-up days on which everything happens to a case, in two loads, of
which the second is an increment; and from generated letters by the thousand. Ends with an error where a model or a
test fails, or a row differs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from extract.samples import write_samples
from tests.conftest import PROJECT, SHARED_LETTERS
from tests.spark import loads
from tests.spark.compare import compare_warehouses
from warehouse.build import transform
from warehouse.build.load import load_run, make_candidate
from warehouse.runs.run import Run

PYTHON = PROJECT / ".venv-spark" / "bin" / "python"


@dataclass
class Pair:
    """A warehouse on DuckDB and one on Spark that get the same loads; `loaded` is the DuckDB one's newest run."""

    name: str
    home: Path
    master: str | None
    loaded: Run | None = None

    def load(self, runs: Sequence[Run], dbt: str, *, from_scratch: bool) -> int:
        """Load runs into both, let dbt build both, and return how many rows of their marts differ."""
        stamps = [self._into_duckdb(run) for run in runs]
        assert self.loaded is not None
        begun = time.monotonic()
        nodes = transform.build(self.loaded, from_scratch=from_scratch)
        _say(f"DuckDB, {self.name}: {nodes}; dbt build took {time.monotonic() - begun:.1f} s")
        exported = self.home / "exported"
        begun = time.monotonic()
        self._on_spark(runs, stamps, dbt, exported)
        _say(f"Spark, {self.name}: start, load, dbt and export in {time.monotonic() - begun:.1f} s")
        return self._compare(exported)

    def _into_duckdb(self, run: Run) -> datetime:
        make_candidate(run, None)
        if self.loaded is not None:
            shutil.copyfile(self.loaded.candidate, run.candidate)
        load_run(run)
        self.loaded = run
        with duckdb.connect(str(run.candidate), read_only=True) as connection:
            row = connection.execute("SELECT max(loaded_at) FROM raw.files").fetchone()
        if row is None or row[0] is None:
            raise ValueError(f"{run.folder} brought no file, so when it was loaded is not known")
        stamp: datetime = row[0]
        return stamp

    def _on_spark(self, runs: Sequence[Run], stamps: Sequence[datetime], dbt: str, exported: Path) -> None:
        command = [str(PYTHON), "-m", "warehouse.spark", "--home", str(self.home / "spark")]
        if self.master:
            command += ["--master", self.master]
        for run, stamp in zip(runs, stamps, strict=True):
            command += ["--load", str(run.folder), stamp.isoformat(sep=" ")]
        command += ["--dbt", dbt, "--export", str(exported)]
        ended = subprocess.run(command, cwd=PROJECT, env=os.environ | {"PYTHONUNBUFFERED": "1"})
        if ended.returncode:
            raise SystemExit(
                f"{self.name}: Spark failed; dbt's log: {self.home / 'spark' / 'dbt' / 'logs' / 'dbt.log'}"
            )

    def _compare(self, exported: Path) -> int:
        assert self.loaded is not None
        compared = compare_warehouses(self.loaded.candidate, exported)
        if not compared:
            raise SystemExit("there was no mart to compare")
        _say(f"\n{self.name}: rows in DuckDB, in Spark, differing")
        for one in compared:
            _say(f"  {one.table:48} {one.duckdb_rows:>9,} {one.spark_rows:>9,} {one.differing:>9,}")
            for example in one.examples:
                _say(f"      {example}")
        differing = sum(one.differing for one in compared)
        _say(f"{self.name}: {len(compared)} tables, {differing} rows differ\n")
        return differing


def main() -> int:
    """Compare the data sets that are asked for; return 1 where a row differs."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="imr-spark-") as folder:
        differing = 0
        if options.only in {None, "small"}:
            differing += _small(Path(folder) / "small", options.master)
        if options.only in {None, "generated"}:
            differing += _generated(Path(folder) / "generated", options.letters, options.master)
    _say("every mart is equal" if differing == 0 else f"{differing} rows differ")
    return int(differing > 0)


def _small(home: Path, master: str | None) -> int:
    letters = SHARED_LETTERS
    if not letters.is_dir():
        letters = home / "samples"
        write_samples(letters)
    _say(f"letters read: {'the labelled ones' if letters == SHARED_LETTERS else 'the made-up samples'}")
    read, days = loads.read_letters(letters, home), loads.made_up_days(home / "runs")
    loads.reread(days[1], before=read[0])
    pair = Pair("read letters and made-up days", home, master)
    differing = pair.load([read[0], *days[:2]], "build", from_scratch=True)
    pair.name += ", second load"
    return differing + pair.load([read[1], *days[2:]], "build --exclude-resource-type unit_test", from_scratch=False)


def _generated(home: Path, letters: int, master: str | None) -> int:
    pair = Pair(f"{letters:,} generated letters", home, master)
    return pair.load(
        loads.generated(home / "runs", letters, loads=4), "build --exclude-resource-type unit_test", from_scratch=True
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("small", "generated"), help="one of the data sets")
    parser.add_argument("--letters", type=int, default=100_000, help="generated letters")
    parser.add_argument("--master", help="Spark's master (default: local-cluster[2,1,1024])")
    parser.add_argument("--folder", type=Path, help="where to work (default: temp)")
    return parser.parse_args()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
