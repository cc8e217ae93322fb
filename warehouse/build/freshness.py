"""Age of the raw tables of a published version, by dbt's source freshness."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from warehouse.build.connection import open_database, remove_database
from warehouse.build.dbt import Dbt
from warehouse.build.transform import TransformError
from warehouse.versions.contents import Contents
from warehouse.versions.raw_views import create_raw_views


@dataclass(frozen=True)
class SourceAge:
    """A raw table and when a row was last loaded into it (ISO, UTC; `None` if never)."""

    table: str
    last_loaded: str | None
    state: str
    """pass, warn or error, by the limits in `models/staging/imr/_sources.yml`; `empty` without a row."""

    @property
    def is_fresh(self) -> bool:
        """Whether the table is within its limits."""
        return self.state == "pass"


def find_source_ages(contents: Contents, folder: Path) -> list[SourceAge]:
    """Return the age of each raw table of a warehouse; dbt writes to `folder`.

    Raises `TransformError` where dbt cannot read it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "imr.duckdb"
    remove_database(file)
    with open_database(file) as connection:
        create_raw_views(connection, "raw", contents.parts)
    output = folder / "sources.json"
    output.unlink(missing_ok=True)
    result = Dbt(file, contents.marts or file, folder).invoke(
        "source", "freshness", "--target", "published", "--output", str(output)
    )
    if not output.exists():
        raise TransformError(f"{file}: dbt could not check its freshness: {result.exception}")
    rows = json.loads(output.read_text("utf-8"))["results"]
    return sorted((_parse_age(row) for row in rows), key=lambda age: age.table)


def _parse_age(row: dict[str, str]) -> SourceAge:
    table = row["unique_id"].rpartition(".")[2]
    if row["status"] == "runtime error" or row["max_loaded_at"] < "1971":  # dbt reports the year 1 for an empty table
        return SourceAge(table, None, "empty")
    return SourceAge(table, row["max_loaded_at"][:19], row["status"])
