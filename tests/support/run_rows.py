"""Changes rows of a run's files, as if the letters had been read otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from warehouse.runs import run_files
from warehouse.runs.run import Run
from warehouse.runs.schema import SCHEMAS

ChangeRow = Callable[[dict[str, Any]], Mapping[str, Any] | None]


def change_rows(run: Run, table: str, change: ChangeRow) -> None:
    """Replace each row of a run's table by what `change` returns, `None` to remove it; the run has one chunk."""
    (file,) = run_files.list_chunk_files(run, table)
    tables = {name: run_files.read_table(run, name).to_pylist() for name in SCHEMAS}
    tables[table] = [changed for row in tables[table] if (changed := change(dict(row))) is not None]
    run_files.write_chunk(run, PurePosixPath(file).stem, tables)
