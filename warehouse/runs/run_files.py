"""Run files: a folder of Parquet files a table, one a chunk; the contract between reading and loading."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.runs.run import Run
from warehouse.runs.schema import SCHEMAS

if TYPE_CHECKING:
    import pandas as pd  # a second and a half to import, and only the gates use frames
    import pyarrow.dataset as pads

Rows = Sequence[Mapping[str, Any]]


def write_chunk(run: Run, chunk: str, tables: Mapping[str, Rows]) -> None:
    """Write one chunk's rows, a file a table; writing the same chunk again replaces it.

    Rows may carry more keys than the table has columns. Raises `pyarrow.ArrowInvalid` for a value that
    is not of its column's type or a null where none is allowed.
    """
    for name, schema in SCHEMAS.items():
        rows = [{field.name: row[field.name] for field in schema} for row in tables.get(name, ())]
        table = pa.Table.from_pylist(rows, schema=schema)
        table.validate(full=True)
        content = io.BytesIO()
        pq.write_table(table, content)
        run.files.write(f"{name}/{chunk}.parquet", content.getvalue())


def list_chunk_files(run: Run, table: str) -> list[str]:
    """Return the names of a table's files under the run's place, in chunk order; empty before anything was written."""
    return [name for name in run.list_files(table) if name.endswith(".parquet")]


def open_dataset(run: Run, table: str) -> pads.Dataset:
    """Return one table of a run as a dataset that DuckDB can scan without reading it whole."""
    import pyarrow.dataset as pads  # noqa: PLC0415 - imports pandas

    store, root = fsspec.core.url_to_fs(str(run.place), use_listings_cache=False)
    files = [f"{root}/{name}" for name in list_chunk_files(run, table)]
    if not files:
        return pads.dataset(SCHEMAS[table].empty_table())
    return pads.dataset(files, schema=SCHEMAS[table], filesystem=store, format="parquet")


def read_table(run: Run, table: str) -> pa.Table:
    """Return all rows of one table of a run, typed as its schema says."""
    return open_dataset(run, table).to_table()


def read_frame(run: Run, table: str) -> pd.DataFrame:
    """Return all rows of one table of a run as a pandas frame."""
    return read_table(run, table).to_pandas(date_as_object=False)


def write_ledger(run: Run, target: Path) -> None:
    """Write the ledger rows of a run to one file, to be kept with the version that they are in."""
    pq.write_table(read_table(run, "files"), target)
