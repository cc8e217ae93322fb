"""A small warehouse of synthetic letters, built by dbt: empty, with letters, and with a reissued letter."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.synthetic_rows import Row, citation, decision, file, flag, letter
from warehouse.build.dbt import Dbt
from warehouse.build.sources import prepare_sources
from warehouse.runs.schema import SCHEMAS, STAMP
from warehouse.versions.contents import Contents

FIRST, REISSUED, UNDATED, UPHELD = ("a1" * 32, "a2" * 32, "b1" * 32, "c1" * 32)

SECOND_LOAD = {"run_id": "run-2", "load_number": 2, "loaded_at": datetime(2017, 3, 2, 12)}

LETTERS: dict[str, list[Row]] = {
    "letters": [
        letter(FIRST, "first.pdf", case_number="CM16-0000001", decision_date=date(2016, 12, 20)),
        letter(UNDATED, "undated.txt", format="seed", priority=None, specialties=[], case_outcome="overturned"),
        letter(
            UPHELD,
            "upheld.pdf",
            case_number="CM17-0000002",
            ur_denial_date=date(2016, 12, 1),
            application_received=date(2017, 1, 6),
            date_assigned=date(2017, 1, 9),
            decision_date=date(2017, 1, 31),
            priority="Expedited",
        ),
    ],
    "decisions": [
        decision(FIRST),
        decision(UNDATED, outcome="overturned"),
        decision(UPHELD),
        decision(UPHELD, 2, is_modified=True),
        decision(UPHELD, 3),
    ],
    "flags": [flag(FIRST)],
    "files": [
        file(FIRST, "first.pdf"),
        file(UNDATED, "undated.txt"),
        file(UPHELD, "upheld.pdf"),
        file(UPHELD, "copy.pdf", status="duplicate"),
        file("d1" * 32, "locked.pdf", status="quarantined", reason="encrypted"),
    ],
}
REISSUE: dict[str, list[Row]] = {
    "letters": [
        letter(
            REISSUED,
            "reissued.pdf",
            case_number="CM16-0000001",
            date_of_injury=date(2016, 1, 10),
            rfa_date=date(2016, 11, 12),
            ur_denial_date=date(2016, 11, 20),
            application_received=date(2016, 12, 20),
            date_assigned=date(2016, 12, 28),
            decision_date=date(2017, 1, 10),
            specialties=["Pain  Management", "Anesthesiology"],
            patient_age=44,
            patient_sex="female",
            case_outcome="partially_overturned",
            **SECOND_LOAD,
        )
    ],
    "decisions": [
        decision(REISSUED, outcome="overturned", **SECOND_LOAD),
        decision(
            REISSUED,
            2,
            treatment_requested="Retrospective: acupuncture, 6 sessions",
            is_modified=True,
            original_request="acupuncture, 12 sessions",
            authorized_request="6 sessions",
            disputed_request="acupuncture, 6 sessions",
            **SECOND_LOAD,
        ),
    ],
    # The reviewer cites two guidelines for the first decision; both sides cite one chapter for the second.
    "citations": [
        citation(
            REISSUED,
            1,
            1,
            cited_by="reviewer",
            source="MTUS",
            title="Chronic Pain Medical Treatment",
            year=2016,
            **SECOND_LOAD,
        ),
        citation(REISSUED, 1, 2, cited_by="reviewer", source="ODG", title="Pain Chapter", **SECOND_LOAD),
        citation(
            REISSUED,
            2,
            1,
            cited_by="claims_admin",
            source="MTUS",
            title="Acupuncture Treatment",
            year=2007,
            **SECOND_LOAD,
        ),
        citation(
            REISSUED, 2, 2, cited_by="reviewer", source="MTUS", title="Acupuncture Treatment Guidelines", **SECOND_LOAD
        ),
    ],
    "flags": [flag(REISSUED, **SECOND_LOAD)] * 2,
    "files": [file(REISSUED, "reissued.pdf", seen_at=datetime(2017, 3, 2, 11), **SECOND_LOAD)],
}


@dataclass(frozen=True)
class Warehouse:
    """A folder with raw parts, the file that dbt builds in, the marts, and dbt's artifacts."""

    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / "imr.duckdb"

    @property
    def contents(self) -> Contents:
        marts = self.folder / "marts.duckdb"
        return Contents(tuple(sorted((self.folder / "raw").glob("*"))), marts if marts.exists() else None)

    @cached_property
    def _dbt(self) -> Dbt:
        return Dbt(self.path, self.folder / "marts.duckdb", self.folder / "target")

    def insert(self, rows: dict[str, list[Row]]) -> None:
        """Write the rows as the raw part of a load, for the next build to find."""
        base = self.contents
        part = self.folder / "raw" / f"{len(base.parts) + 1:06d}"
        part.mkdir(parents=True)
        for table, records in rows.items():
            columns = [*SCHEMAS[table], pa.field("load_number", pa.int64()), pa.field("loaded_at", STAMP)]
            schema = pa.schema([column.with_nullable(True) for column in columns])
            pq.write_table(pa.Table.from_pylist(records, schema=schema), part / f"{table}.parquet")
        prepare_sources(self.path, part, base, from_scratch=False)

    def find_everything(self) -> None:
        """Let the next build find the rows of all loads."""
        contents = self.contents
        prepare_sources(self.path, contents.parts[-1], Contents(contents.parts[:-1]), from_scratch=True)

    def copy_to(self, folder: Path) -> Warehouse:
        """Return a copy without dbt's artifacts."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("target"), dirs_exist_ok=True)
        return Warehouse(folder)

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect(str(self.path)) as connection:
            connection.execute(f"ATTACH '{self.folder / 'marts.duckdb'}' AS marts")
            connection.execute("SET search_path = 'imr.main,marts.main'")
            yield connection

    def execute(self, sql: str) -> None:
        with self.connect() as connection:
            connection.execute(sql)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return list(connection.execute(sql).fetchall())

    def dbt(self, *arguments: str) -> str | None:
        """Run dbt on the file with warnings as errors; return the failures, or None."""
        ended = self._dbt.invoke("--warn-error", *arguments)
        if ended.success:
            return None
        nodes: Any = ended.result or []
        failed = [f"{node.node.name}: {node.message}" for node in nodes if node.status in {"error", "fail"}]
        return "\n".join(failed) or str(ended.exception)

    def select(self, *options: str) -> set[str]:
        """Return the unique ids of the nodes that dbt selects."""
        listed = self._dbt.invoke("ls", *options, "--output", "json", "--output-keys", "unique_id")
        return {json.loads(line)["unique_id"] for line in listed.result}

    def artifact(self, name: str) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.folder / "target" / f"{name}.json").read_text("utf-8"))
        return loaded


@pytest.fixture(scope="session")
def empty_build(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse without a letter; the only build that runs the unit tests."""
    warehouse = Warehouse(tmp_path_factory.mktemp("empty"))
    warehouse.insert({})
    assert warehouse.dbt("build") is None
    return warehouse


@pytest.fixture(scope="session")
def built(empty_build: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse built in two loads: the first letters, then a reissue of one of them."""
    warehouse = empty_build.copy_to(tmp_path_factory.mktemp("built"))
    warehouse.insert(LETTERS)
    assert warehouse.dbt("build", "--exclude-resource-type", "unit_test", "test") is None
    warehouse.insert(REISSUE)
    assert warehouse.dbt("build", "--exclude-resource-type", "unit_test") is None
    return warehouse


@pytest.fixture(scope="session")
def documented(built: Warehouse) -> Warehouse:
    """The built warehouse with its documentation."""
    assert built.dbt("docs", "generate", "--static") is None
    return built
