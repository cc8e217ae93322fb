"""The raw tables that dbt reads: the letters that a load touches, or all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from warehouse.build.connection import open_database, remove_database
from warehouse.runs.schema import LETTER_TABLES, LOAD_NUMBER
from warehouse.versions.contents import Contents
from warehouse.versions.raw_views import create_raw_views, is_last, scan_parts

TO_REFRESH, MONTHS = "letters_to_refresh", "months_to_refresh"

# A letter's case number may be read differently now: it leaves one case and joins another. A copy of a letter is a row
# of the ledger, whose mart shows the letter's format and whether it is superseded.
_TOUCHED = """
WITH arrived AS (
    SELECT letter_id FROM new.letters
    UNION
    SELECT sha256 AS letter_id FROM new.files
    UNION
    SELECT letter_id FROM new.withdrawn
    UNION
    SELECT sha256 AS letter_id FROM new.reviews
),
cases AS (
    SELECT case_number AS case_key FROM new.letters
    UNION
    SELECT case_key FROM base.marts.dim_letters WHERE letter_id IN (FROM arrived)
)
SELECT letter_id FROM arrived
UNION
SELECT letter_id FROM base.marts.dim_letters WHERE case_key IN (FROM cases)
"""
_MONTHS = f"""
SELECT decision_month FROM base.marts.fct_determinations WHERE letter_id IN (FROM raw.{TO_REFRESH})
UNION
SELECT date_trunc('month', decision_date)::DATE FROM raw.letters
"""  # noqa: S608 - names of the schema
_UNCHANGED = f"""
CREATE TEMP TABLE unchanged AS
SELECT letter_id, load_number FROM base.marts.dim_letters
WHERE letter_id IN (FROM raw.{TO_REFRESH})
    AND letter_id NOT IN (SELECT letter_id FROM new.letters)
    AND letter_id NOT IN (SELECT letter_id FROM new.withdrawn)
"""  # noqa: S608 - names of the schema


def prepare_sources(build_file: Path, part: Path, base: Contents, *, from_scratch: bool) -> None:
    """Create the file that dbt builds in, with the tables of its sources in the schema `raw`.

    An increment finds in them the rows of the letters to refresh: those that the part brings (copies included),
    withdraws or reviews, and the other letters of their cases. A build from scratch finds all rows.
    """
    build_file.parent.mkdir(parents=True, exist_ok=True)
    remove_database(build_file)
    with open_database(build_file) as connection:
        if from_scratch or base.marts is None:
            create_raw_views(connection, "raw", (*base.parts, part))
            letters = "SELECT letter_id FROM raw.letters UNION SELECT letter_id FROM raw.withdrawn"
            connection.execute(f"CREATE TABLE raw.{TO_REFRESH} AS {letters}")
            connection.execute(f"CREATE TABLE raw.{MONTHS} (decision_month DATE)")
        else:
            base.attach(connection, "base")
            create_raw_views(connection, "new", (part,))
            _create_tables(connection, base.parts)
            connection.execute("DROP SCHEMA new CASCADE")


def _create_tables(connection: duckdb.DuckDBPyConnection, parts: Sequence[Path]) -> None:
    """Create the raw tables of the letters to refresh: their new rows, and their rows in the earlier parts."""
    connection.execute("CREATE SCHEMA raw")
    connection.execute(f"CREATE TABLE raw.{TO_REFRESH} AS {_TOUCHED}")
    connection.execute(_UNCHANGED)
    unchanged = connection.execute("FROM unchanged").fetchall()
    # The reader of Parquet files skips the texts of other letters only for lists of constants.
    letters = ", ".join(f"'{letter}'" for letter, _ in unchanged)
    loads = ", ".join({str(load) for _, load in unchanged})
    for table in LETTER_TABLES:
        connection.execute(f"CREATE TABLE raw.{table} AS FROM new.{table}")
        if unchanged:
            rows = scan_parts(table, parts, f"letter_id IN ({letters}) AND {LOAD_NUMBER} IN ({loads})")
            rows = f"{rows} SEMI JOIN unchanged USING (letter_id, {LOAD_NUMBER})"
            connection.execute(f"INSERT INTO raw.{table} FROM {rows}")
    for table in ("files", "reviews"):
        every = f"FROM new.{table} UNION ALL FROM {scan_parts(table, parts, f'sha256 IN (FROM raw.{TO_REFRESH})')}"
        connection.execute(f"CREATE TABLE raw.{table} AS FROM ({every}) QUALIFY {is_last(table)}")
    connection.execute(f"CREATE TABLE raw.{MONTHS} AS {_MONTHS}")
