"""Opens a warehouse file for writing; DuckDB allows one process at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.errors import WarehouseError

_HOLDER = re.compile(r"lock is held in (.+? \(PID \d+\))")


@contextmanager
def open_for_writing(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a warehouse file for writing, created if missing. Raises `WarehouseError` if it is open elsewhere."""
    try:
        connection = duckdb.connect(str(file))
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
