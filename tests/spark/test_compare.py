from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.spark.compare import TableComparison, compare_warehouses

ROWS = """
    SELECT * FROM (VALUES
        ('a', 3::BIGINT, 1.0 / 3::DOUBLE, DATE '2017-01-31', TIMESTAMP '2017-03-01 12:00:00.000001'),
        ('a', 3, 1.0 / 3::DOUBLE, DATE '2017-01-31', TIMESTAMP '2017-03-01 12:00:00.000001'),
        ('b', NULL, NULL, NULL, TIMESTAMP '2017-03-01 12:00:00')
    ) AS mart (name, amount, share, day, loaded_at)
"""


def compare_mart(folder: Path, spark_rows: str) -> TableComparison:
    """Compare a mart with one written by Spark, given as a query of `rows`."""
    warehouse, exported = folder / "marts.duckdb", folder / "exported"
    (exported / "marts" / "fct").mkdir(parents=True)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"CREATE TABLE marts.fct AS {ROWS}")
        connection.execute("CREATE TEMP VIEW rows AS FROM marts.fct")
        connection.execute(f"COPY ({spark_rows}) TO '{exported / 'marts' / 'fct' / 'part-0.parquet'}'")
    [comparison] = compare_warehouses(warehouse, exported)
    return comparison


@pytest.mark.parametrize(
    ("spark_rows", "differing"),
    [
        ("SELECT loaded_at::TIMESTAMPTZ AS loaded_at, amount::INT AS amount, name, day, share FROM rows ORDER BY 1", 0),
        ("SELECT * REPLACE (share * (1 + 1e-15) AS share) FROM rows", 0),
        ("SELECT * REPLACE (share * (1 + 1e-9) AS share) FROM rows", 2),
        ("SELECT * REPLACE (coalesce(share, 0) AS share) FROM rows", 1),
        ("SELECT * REPLACE (coalesce(amount, 0) AS amount) FROM rows", 2),  # one row on each side
        ("SELECT * REPLACE (loaded_at + INTERVAL 1 MICROSECOND AS loaded_at) FROM rows WHERE name = 'b'", 4),
        ("SELECT DISTINCT * FROM rows", 1),
        ("FROM rows UNION ALL FROM rows WHERE name = 'b'", 1),
        ("SELECT * EXCLUDE (day) FROM rows", 1),
    ],
)
def test_differences_are_counted_and_shown_but_not_order_types_and_rounding(
    tmp_path: Path, spark_rows: str, differing: int
) -> None:
    comparison = compare_mart(tmp_path, spark_rows)
    assert comparison.differing == differing
    assert bool(comparison.examples) == bool(differing)


def test_a_mart_of_one_side_only_is_a_difference(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as connection:
        connection.execute(f"CREATE TABLE marts.fct AS {ROWS}")
    (tmp_path / "exported" / "marts" / "dim").mkdir(parents=True)
    found = compare_warehouses(tmp_path / "marts.duckdb", tmp_path / "exported")
    assert [(one.table, one.differing) for one in found] == [("marts.dim", 1), ("marts.fct", 1)]
