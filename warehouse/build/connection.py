"""Opens and removes DuckDB files; DuckDB allows one process at a time, or several that only read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.errors import WarehouseError

_HOLDER = re.compile(r"lock is held in (.+? \(PID \d+\))")


@contextmanager
def open_database(file: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB file, created if missing. Raises `WarehouseError` if another process has locked it."""
    try:
        connection = duckdb.connect(str(file), read_only=read_only)
    except duckdb.IOException as error:
        holder = _HOLDER.search(str(error))
        if holder is None:
            raise
        raise WarehouseError(
            f"{file}: another process has it open: {holder[1]}. Close it there (a DuckDB shell? a notebook?) "
            "and clear this task. To read a candidate while its run goes on, copy it first."
        ) from error
    with connection:
        yield connection


def remove_database(file: Path) -> None:
    """Remove a DuckDB file with its write-ahead log, which DuckDB would apply to the next file of this name."""
    for path in (file, file.with_name(f"{file.name}.wal")):
        path.unlink(missing_ok=True)
