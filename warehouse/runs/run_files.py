"""Run files: one folder of Parquet parts a table, the contract between reading and loading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.runs.run import Run
from warehouse.runs.schema import SCHEMAS

if TYPE_CHECKING:
    import pandas as pd  # a second and a half to import, and only the gates look at frames

Rows = Sequence[Mapping[str, Any]]


def write_chunk(run: Run, part: str, tables: Mapping[str, Rows]) -> None:
    """Write one chunk's rows, a file a table; writing the same part again replaces it.

    Rows may carry more keys than the table has columns. Raises `pyarrow.ArrowInvalid` for a value that
    is not of its column's type or a null where none is allowed.
    """
    for name, schema in SCHEMAS.items():
        rows = [{field.name: row[field.name] for field in schema} for row in tables.get(name, ())]
        table = pa.Table.from_pylist(rows, schema=schema)
        table.validate(full=True)
        target = run.folder / name / f"{part}.parquet"
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.part")
        pq.write_table(table, unfinished)
        unfinished.replace(target)


def parts(run: Run, table: str) -> list[Path]:
    """Return a table's files in part order; empty before anything was written."""
    return sorted((run.folder / table).glob("[!.]*.parquet"))


def read_table(run: Run, table: str) -> pa.Table:
    """Return all rows of one table of a run, typed as its schema says."""
    schema = SCHEMAS[table]
    return pa.concat_tables([schema.empty_table(), *(pq.read_table(p, schema=schema) for p in parts(run, table))])


def read_frame(run: Run, table: str) -> pd.DataFrame:
    """Return all rows of one table of a run as a pandas frame, as the gates look at it."""
    return read_table(run, table).to_pandas(date_as_object=False)


def write_ledger(run: Run, target: Path) -> None:
    """Write the ledger rows of a run as one file, to be kept with the version that they are in."""
    pq.write_table(read_table(run, "files"), target)
