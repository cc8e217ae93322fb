"""The raw tables that dbt reads: the letters that a load touches, or all of them."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.build.connection import open_database, remove_database
from warehouse.runs.schema import KEYS, LETTER_TABLES
from warehouse.versions.contents import Contents
from warehouse.versions.raw_views import create_raw_views

TO_REFRESH, MONTHS_BEFORE = "letters_to_refresh", "months_before"

# A letter's case number may be read differently now: it leaves one case and joins another.
_TOUCHED = """
WITH arrived AS (
    SELECT letter_id FROM new.letters
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
_MONTHS_BEFORE = f"""
SELECT DISTINCT month_key FROM base.marts.fct_determinations WHERE letter_id IN (FROM raw.{TO_REFRESH})
"""  # noqa: S608 - names of the schema
_UNCHANGED = f"""
SELECT letter_id FROM raw.{TO_REFRESH}
WHERE letter_id NOT IN (SELECT letter_id FROM new.letters) AND letter_id NOT IN (SELECT letter_id FROM new.withdrawn)
"""  # noqa: S608 - names of the schema


def prepare_sources(build_file: Path, part: Path, base: Contents, *, from_scratch: bool) -> None:
    """Create the file that dbt builds in, with the tables of its sources in the schema `raw`.

    An increment finds in them the rows of the letters to refresh: those that the part brings, withdraws or reviews, and
    the other letters of their cases. A build from scratch finds all rows.
    """
    build_file.parent.mkdir(parents=True, exist_ok=True)
    remove_database(build_file)
    with open_database(build_file) as connection:
        if from_scratch or base.marts is None:
            create_raw_views(connection, "raw", (*base.parts, part))
            letters = "SELECT letter_id FROM raw.letters UNION SELECT letter_id FROM raw.withdrawn"
            connection.execute(f"CREATE TABLE raw.{TO_REFRESH} AS {letters}")
            connection.execute(f"CREATE TABLE raw.{MONTHS_BEFORE} (month_key VARCHAR)")
        else:
            base.attach(connection, "base")
            create_raw_views(connection, "new", (part,))
            _create_tables(connection)
            connection.execute("DROP SCHEMA new CASCADE")


def _create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the raw tables of the letters to refresh, from the views of the schemas `base` and `new`."""
    connection.execute("CREATE SCHEMA raw")
    connection.execute(f"CREATE TABLE raw.{TO_REFRESH} AS {_TOUCHED}")
    connection.execute(f"CREATE TABLE raw.{MONTHS_BEFORE} AS {_MONTHS_BEFORE}")
    # The reader of Parquet files skips the texts of other letters only for a list of constants.
    unchanged = ", ".join(f"'{name}'" for (name,) in connection.execute(_UNCHANGED).fetchall()) or "NULL"
    for table in LETTER_TABLES:
        connection.execute(
            f"CREATE TABLE raw.{table} AS FROM new.{table} "
            f"UNION ALL FROM base.raw.{table} WHERE letter_id IN ({unchanged})"
        )
    for table in ("files", "reviews"):
        same = " AND ".join(f"new.{key} = old.{key}" for key in KEYS[table])
        connection.execute(
            f"CREATE TABLE raw.{table} AS FROM new.{table} UNION ALL "  # noqa: S608 - names of the schema
            f"SELECT old.* FROM base.raw.{table} AS old ANTI JOIN new.{table} AS new ON {same} "
            f"WHERE old.sha256 IN (FROM raw.{TO_REFRESH}) OR old.sha256 IN (SELECT sha256 FROM new.files)"
        )
