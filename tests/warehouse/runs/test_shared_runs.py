"""Two machines with different homes read one run, whose files lie in a shared folder or in a bucket."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from extract.samples import write_samples
from imr.context import Context
from imr.pipeline import steps
from imr.settings import Settings
from tests.support.drawn_letters import draw_letter_with_identity
from tests.support.home import build_stand_in_marts
from warehouse.errors import WarehouseError
from warehouse.hashing import hash_file
from warehouse.intake.reviews import RELEASE, Review, ReviewLog
from warehouse.runs.run import Run
from warehouse.runs.run_files import open_dataset, read_table, write_chunk
from warehouse.runs.schema import SCHEMAS
from warehouse.runs.step_results import ExtractResult, ScanResult
from warehouse.storage import Entry, as_place, folder_at

TIMES = {"seen_at", "decided_at", "loaded_at"}


@pytest.fixture(params=["folder", "bucket"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The setting IMR_SHARED_RUNS."""
    place = tmp_path if request.param == "folder" else request.getfixturevalue("bucket")
    return f"{place}/shared-runs"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """An inbox of five letters, a copy of one and three files to be quarantined."""
    for path in write_samples(tmp_path / "inbox")[5:-4]:
        path.unlink()
    return tmp_path / "inbox"


def make_machine(home: Path, inbox: Path, shared: str | None) -> Context:
    return Context(
        Settings(home=home, inbox=str(inbox), shared_runs=shared, chunk_size=3, processes=1, quiet_seconds=0)
    )


@pytest.fixture
def loader(inbox: Path, tmp_path: Path, shared: str) -> Context:
    return make_machine(tmp_path / "loader", inbox, shared)


@pytest.fixture
def reader(inbox: Path, tmp_path: Path, shared: str) -> Context:
    return make_machine(tmp_path / "reader", inbox, shared)


def read_rows(run: Run, table: str) -> list[dict[str, Any]]:
    times = [name for name in SCHEMAS[table].names if name in TIMES]
    return read_table(run, table).drop_columns(times).to_pylist()


def read_raw_rows(run: Run, table: str) -> list[tuple[Any, ...]]:
    columns = ", ".join(name for name in SCHEMAS[table].names if name not in TIMES)
    return duckdb.sql(f"SELECT {columns} FROM '{run.part}/{table}.parquet' ORDER BY ALL").fetchall()


def list_shared(shared: str) -> list[str]:
    return [found.name for found in folder_at(as_place(shared)).walk() if isinstance(found, Entry)]


@pytest.mark.slow
def test_chunks_read_on_another_machine_are_gated_and_loaded_as_if_read_here(
    loader: Context, reader: Context, inbox: Path, tmp_path: Path, shared: str
) -> None:
    alone = make_machine(tmp_path / "alone", inbox, None)
    chunks = steps.scan(alone, "run")
    assert steps.scan(loader, "run") == chunks == [0, 3, 6]
    for first in chunks:
        steps.extract(alone, "run", first)
        steps.extract(reader if first == 3 else loader, "run", first)
    run, expected = loader.open_run("run"), alone.open_run("run")
    assert run.find_result(ScanResult).new == expected.find_result(ScanResult).new
    steps.gate_batch(loader, "run", accept_drift=True)
    for context in (alone, loader):
        steps.load(context, "run")
    for table in SCHEMAS:
        assert read_rows(run, table) == read_rows(expected, table), table
        assert read_raw_rows(run, table) == read_raw_rows(expected, table), table
    assert len(read_raw_rows(run, "files")) == len(list(inbox.iterdir()))

    build_stand_in_marts(loader, "run")
    assert list_shared(shared)
    steps.publish(loader, "run")
    steps.archive(loader, "run")
    run.move_from_shared()
    assert list_shared(shared) == []
    assert read_rows(run, "letters") == read_rows(expected, "letters"), "a published run keeps its files"
    assert run.find_result(ExtractResult).tasks == len(chunks)


@pytest.mark.slow
def test_a_second_scan_is_not_mixed_with_files_of_the_first(loader: Context, reader: Context, inbox: Path) -> None:
    steps.scan(loader, "run")
    assert steps.extract(reader, "run", 3).loaded > 0
    for file in sorted(inbox.iterdir())[:4]:
        file.unlink()
    chunks = steps.scan(loader, "run")
    assert chunks == [0, 3]
    steps.extract(reader, "run", 0)
    with pytest.raises(WarehouseError, match=r"run files of chunk-0000003 are missing.*Clear that task"):
        steps.gate_batch(loader, "run")
    steps.extract(reader, "run", 3)
    steps.require_all_chunks(loader.open_run("run"))
    assert read_table(loader.open_run("run"), "files").num_rows == len(list(inbox.iterdir()))


def test_a_machine_with_another_shared_place_is_a_clear_error(
    loader: Context, inbox: Path, tmp_path: Path, shared: str
) -> None:
    steps.scan(loader, "run")
    other = make_machine(tmp_path / "reader", inbox, f"{shared}-elsewhere")
    with pytest.raises(WarehouseError, match=r"shared-runs-elsewhere/run: .*IMR_SHARED_RUNS the same on every machine"):
        steps.extract(other, "run", 0)


@pytest.mark.slow
def test_a_released_letter_is_released_on_every_machine(loader: Context, reader: Context, inbox: Path) -> None:
    for file in inbox.iterdir():
        file.unlink()
    letter = inbox / "a.pdf"
    letter.write_bytes(draw_letter_with_identity())
    review = Review(hash_file(letter), RELEASE, None, "ann", datetime(2024, 12, 1, 6))
    for run_id, status in (("before", "quarantined"), ("after", "loaded")):
        assert steps.scan(loader, run_id) == [0]
        steps.extract(reader, run_id, 0)
        assert [row["status"] for row in read_rows(loader.open_run(run_id), "files")] == [status]
        ReviewLog(loader.settings.reviews, None).add(review)


def test_files_of_a_failed_run_stay_until_it_is_pruned(loader: Context, shared: str) -> None:
    context = Context(loader.settings.model_copy(update={"keep_runs": 1}))
    for run_id in ("first", "second"):
        steps.scan(context, run_id)
        assert f"{run_id}/arrivals.jsonl" in list_shared(shared)
        steps.report(context, run_id)
    assert {name.split("/")[0] for name in list_shared(shared)} == {"second"}


def test_opening_a_dataset_reads_no_file(bucket: str, tmp_path: Path) -> None:
    run = Run(tmp_path / "run", as_place(f"{bucket}/run"))
    write_chunk(run, "chunk-0", {})
    assert open_dataset(run, "flags").count_rows() == 0
    run.files.write("files/chunk-1.parquet", b"damaged")
    dataset = open_dataset(run, "files")
    with pytest.raises(pa.ArrowInvalid, match=r"chunk-1\.parquet"):
        dataset.to_table()
