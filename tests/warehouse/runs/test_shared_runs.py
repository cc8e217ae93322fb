"""Two machines that share nothing but the exchange read one run: as two homes, over a folder and over an S3 API."""

from __future__ import annotations

from pathlib import Path

import pytest
from warehouse.runs.shared_runs import Exchange

from extract.samples import write_samples
from imr.context import Context
from imr.pipeline import steps
from imr.settings import Settings
from warehouse.errors import WarehouseError
from warehouse.files import write_json
from warehouse.runs.run_files import parts, read_table
from warehouse.runs.schema import SCHEMAS
from warehouse.storage import SkippedEntry, as_place, folder_at


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        return str(tmp_path / "exchange")
    return f"{request.getfixturevalue('bucket')}/exchange"


def machine(home: Path, drop: Path, place: str) -> Settings:
    return Settings(home=home, inbox=str(drop), exchange=place, chunk_size=8, quiet_seconds=0)


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    write_samples(tmp_path / "drop")
    return tmp_path / "drop"


def laid_out(place: str) -> set[str]:
    folder = folder_at(as_place(place))
    return {found.name for found in folder.walk() if not isinstance(found, SkippedEntry)}


def test_chunks_read_on_another_machine_come_back_as_if_read_here(drop: Path, tmp_path: Path, place: str) -> None:
    alone = Settings(home=tmp_path / "alone", inbox=str(drop), chunk_size=8, quiet_seconds=0)
    here, there = machine(tmp_path / "here", drop, place), machine(tmp_path / "there", drop, place)
    for settings in (alone, here):
        assert steps.scan(Context(settings), "run") == [0, 8, 16, 24]
    for first in (0, 8, 16, 24):
        steps.extract(Context(alone), "run", first)
        steps.extract(there if first in (8, 24) else here, "run", first)

    run, other, reference = (Context(s).open_run("run") for s in (here, there, alone))
    assert len(parts(run, "letters")) == 2
    assert steps.gather(Context(here), "run") == 2
    assert len(parts(other, "letters")) == 2, "what it read stays with the other machine"
    assert {p.name for p in run.step_file("extract").with_suffix("").glob("*.json")} == {
        f"chunk-{n:07d}.json" for n in (0, 8, 16, 24)
    }
    for table in SCHEMAS:
        found, expected = (read_table(r, table).drop_columns(_of_the_run(table)).to_pylist() for r in (run, reference))
        assert found == expected, table
    assert read_table(run, "files").num_rows == 31
    assert steps.gather(Context(here), "run") == 0, "gathered once"

    Exchange(here.exchange).clear(run)
    assert laid_out(place) == set()


def test_a_second_scan_is_not_mixed_with_what_was_fetched_of_the_first(drop: Path, tmp_path: Path, place: str) -> None:
    here, there = machine(tmp_path / "here", drop, place), machine(tmp_path / "there", drop, place)
    steps.scan(Context(here), "run")
    before = steps.extract(Context(there), "run", 24)
    for file in sorted(drop.iterdir())[:20]:
        file.unlink()
    chunks = steps.scan(Context(here), "run")
    assert chunks[-1] < 24
    with pytest.raises(WarehouseError, match="Clear that task"):
        steps.gather(Context(here), "run")
    for first in chunks:
        steps.extract(Context(there), "run", first)
    assert steps.gather(Context(here), "run") == len(chunks)
    assert sum(before.values()) > 0
    assert read_table(Context(here).open_run("run"), "files").num_rows == len(list(drop.iterdir()))


def test_a_machine_with_another_exchange_says_so(drop: Path, tmp_path: Path, place: str) -> None:
    here = machine(tmp_path / "here", drop, place)
    steps.scan(Context(here), "run")
    lost = machine(tmp_path / "there", drop, f"{place}-elsewhere")
    with pytest.raises(WarehouseError, match="IMR_EXCHANGE"):
        steps.extract(Context(lost), "run", 0)


def test_a_released_letter_is_released_on_every_machine(drop: Path, tmp_path: Path, place: str) -> None:
    here, there = machine(tmp_path / "here", drop, place), machine(tmp_path / "there", drop, place)
    steps.scan(Context(here), "run")
    run = Context(here).open_run("run")
    write_json(run.released, ["0" * 64])
    Exchange(here.exchange).offer(run)
    steps.extract(Context(there), "run", 0)
    assert Context(there).open_run("run").released.read_bytes() == run.released.read_bytes()


def _of_the_run(table: str) -> list[str]:
    return [name for name in SCHEMAS[table].names if name in {"seen_at", "decided_at"}]
