"""Exporting a mart: the file holds the mart, and what cannot be exported is one clear line."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from imr.bi.export import export
from tests.imr.cli.test_cli import imr
from warehouse.errors import WarehouseError


@pytest.fixture
def marts(tmp_path: Path) -> Path:
    file = tmp_path / "marts.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE coding AS SELECT 'B, \"x\"' AS name, 2 AS n UNION ALL SELECT NULL, 1")
        connection.execute("CREATE TABLE other AS SELECT 1 AS n")
    return file


def test_a_csv_has_a_header_quotes_and_empty_nulls(marts: Path, tmp_path: Path) -> None:
    assert export(marts, "coding", tmp_path / "c.csv") == 2
    with (tmp_path / "c.csv").open(newline="", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["n"])
    assert rows == [{"name": "", "n": "1"}, {"name": 'B, "x"', "n": "2"}]


def test_a_parquet_file_holds_the_same_rows(marts: Path, tmp_path: Path) -> None:
    out = tmp_path / "it's.PARQUET"
    assert export(marts, "coding", out) == 2
    assert set(duckdb.read_parquet(str(out)).fetchall()) == {(None, 1), ('B, "x"', 2)}


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]


def test_a_csv_runs_no_formula_and_changes_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "marts.duckdb"
    plain = ["Norco 10mg #60 - refill", "a=b", "'quoted", ""]
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE coding AS SELECT unnest(?) AS treatment, -1.5 AS amount", [[*HOSTILE, *plain]])
    export(file, "coding", tmp_path / "c.csv")
    with (tmp_path / "c.csv").open(newline="", encoding="utf-8") as written:
        rows = list(csv.DictReader(written))
    assert {row["treatment"] for row in rows} == {*(f"'{text}" for text in HOSTILE), *plain}
    assert {float(row["amount"]) for row in rows} == {-1.5}
    export(file, "coding", tmp_path / "c.parquet")
    kept = duckdb.read_parquet(str(tmp_path / "c.parquet")).fetchall()
    assert {text for text, _ in kept} == {*HOSTILE, *plain}


@pytest.mark.parametrize(
    ("mart", "name", "told"),
    [
        ("coding", "c.xlsx", ".csv, .parquet"),
        ("coding", "c", ".csv, .parquet"),
        ("codings", "c.csv", "no mart 'codings'; there are coding, other"),
        ("coding; DROP TABLE other", "c.csv", "no mart"),
        ("coding", "nowhere/c.csv", "no folder"),
    ],
)
def test_what_cannot_be_exported_is_told_and_leaves_no_file(
    marts: Path, tmp_path: Path, mart: str, name: str, told: str
) -> None:
    before = set(tmp_path.iterdir())
    with pytest.raises(WarehouseError) as error:
        export(marts, mart, tmp_path / name)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    assert set(tmp_path.iterdir()) == before


def test_a_failed_export_keeps_the_file_that_was_there(marts: Path, tmp_path: Path) -> None:
    (tmp_path / "c.csv").mkdir()
    with pytest.raises(WarehouseError):
        export(marts, "coding", tmp_path / "c.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.csv", "marts.duckdb"]


def test_the_command_needs_a_published_version(tmp_path: Path) -> None:
    told = imr(tmp_path, "export", "coding", "-o", tmp_path / "c.csv", status=1)
    assert len(told.strip().splitlines()) == 1
