"""How old what readers see is: dbt's own source freshness, asked of a published version."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from warehouse.build.dbt import Dbt
from warehouse.build.transform import TransformError


@dataclass(frozen=True)
class SourceAge:
    """A raw table, when a row was last loaded into it (UTC, ISO; `None` if never), and what dbt makes of that."""

    table: str
    last_loaded: str | None
    state: str
    """pass, warn or error, by the limits in `models/staging/imr/_sources.yml`; `empty` without a row."""

    @property
    def is_fresh(self) -> bool:
        """Whether dbt has nothing to say."""
        return self.state == "pass"


def source_ages(file: Path, folder: Path) -> list[SourceAge]:
    """Return the age of each raw table of a warehouse file, which is only read.

    What dbt writes goes to `folder`. Raises `TransformError` where dbt cannot ask the file.
    """
    output = folder / "sources.json"
    output.unlink(missing_ok=True)
    result = Dbt(file, folder).invoke("source", "freshness", "--target", "published", "--output", str(output))
    if not output.exists():
        raise TransformError(f"dbt could not tell how fresh {file} is: {result.exception}")
    rows = json.loads(output.read_text("utf-8"))["results"]
    return sorted((_age(row) for row in rows), key=lambda age: age.table)


def _age(row: dict[str, str]) -> SourceAge:
    table = row["unique_id"].rpartition(".")[2]
    if row["status"] == "runtime error" or row["max_loaded_at"] < "1971":  # of no rows, dbt tells the year 1
        return SourceAge(table, None, "empty")
    return SourceAge(table, row["max_loaded_at"][:19], row["status"])
