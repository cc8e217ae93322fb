"""Exports of a mart: the file holds the mart, and an error is one clear line."""

from __future__ import annotations

import codecs
import csv
from pathlib import Path

import duckdb
import pytest

from imr.bi.export import export
from tests.support.command import run_imr
from warehouse.errors import WarehouseError


@pytest.fixture
def marts(tmp_path: Path) -> Path:
    file = tmp_path / "marts.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE coding AS SELECT 'B, \"x\"' AS name, 2 AS n UNION ALL SELECT NULL, 1")
        connection.execute("CREATE TABLE other AS SELECT 1 AS n")
    return file


def read_csv(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))


def test_csv_and_parquet_hold_the_rows(marts: Path, tmp_path: Path) -> None:
    assert export(marts, "coding", tmp_path / "c.csv") == 2
    rows = sorted(read_csv(tmp_path / "c.csv"), key=lambda row: row["n"])
    assert rows == [{"name": "", "n": "1"}, {"name": 'B, "x"', "n": "2"}]
    parquet = tmp_path / "it's.PARQUET"
    assert export(marts, "coding", parquet) == 2
    assert set(duckdb.read_parquet(str(parquet)).fetchall()) == {(None, 1), ('B, "x"', 2)}


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]


def test_a_csv_opens_in_excel_with_its_signs_right(tmp_path: Path) -> None:
    file, text = tmp_path / "marts.duckdb", "Lidocaine 5% (Sample\u00ae) \u2013 \u00bd strength"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE coding AS SELECT ? AS treatment, NULL::VARCHAR AS note", [text])
    export(file, "coding", tmp_path / "c.csv")
    written = (tmp_path / "c.csv").read_bytes()
    assert written == codecs.BOM_UTF8 + f"treatment,note\n{text},\n".encode()
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE OR REPLACE TABLE coding AS SELECT 'Norco' AS treatment")
    export(file, "coding", tmp_path / "c.csv")
    assert (tmp_path / "c.csv").read_bytes() == b"treatment\nNorco\n", "no mark is needed"


def test_a_csv_runs_no_formula_and_changes_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "marts.duckdb"
    plain = ["Norco 10mg #60 - refill", "a=b", "'quoted", ""]
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE coding AS SELECT unnest(?) AS treatment, -1.5 AS amount", [[*HOSTILE, *plain]])
    export(file, "coding", tmp_path / "c.csv")
    rows = read_csv(tmp_path / "c.csv")
    assert {row["treatment"] for row in rows} == {*(f"'{text}" for text in HOSTILE), *plain}
    assert {float(row["amount"]) for row in rows} == {-1.5}
    export(file, "coding", tmp_path / "c.parquet")
    kept = duckdb.read_parquet(str(tmp_path / "c.parquet")).fetchall()
    assert {text for text, _ in kept} == {*HOSTILE, *plain}


@pytest.mark.parametrize(
    ("mart", "name", "message"),
    [
        ("coding", "c.xlsx", ".csv, .parquet"),
        ("coding", "c", ".csv, .parquet"),
        ("codings", "c.csv", "no mart 'codings'; there are coding, other"),
        ("coding; DROP TABLE other", "c.csv", "no mart"),
        ("coding", "nowhere/c.csv", "no folder"),
        ("coding", "folder.csv", "folder.csv"),
    ],
)
def test_a_failed_export_is_one_line_and_leaves_no_file(
    marts: Path, tmp_path: Path, mart: str, name: str, message: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    before = set(tmp_path.iterdir())
    with pytest.raises(WarehouseError) as error:
        export(marts, mart, tmp_path / name)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert set(tmp_path.iterdir()) == before


def test_the_command_needs_a_published_version(tmp_path: Path) -> None:
    assert len(run_imr(tmp_path, "export", "coding", "-o", tmp_path / "c.csv", status=1).strip().splitlines()) == 1
