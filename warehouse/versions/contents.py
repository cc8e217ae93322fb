"""The whole warehouse of a version or of a candidate: raw rows in Parquet parts, and the marts in the BI file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.versions.raw_views import create_raw_views, quote

MARTS_SCHEMA, RAW_SCHEMA = "marts", "raw"
_FILE_OF_MARTS = "_marts_file"


@dataclass(frozen=True)
class Contents:
    """The parts of every load, oldest first, and the file of the marts; `None` where none are built."""

    parts: tuple[Path, ...] = ()
    marts: Path | None = None

    def extend(self, part: Path, marts: Path) -> Contents:
        """Return the warehouse with one more part, and with other marts."""
        return Contents((*self.parts, part), marts)

    @contextmanager
    def open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a connection with the schemas `raw` and `marts`, as read-only views."""
        with duckdb.connect() as connection:
            self.attach(connection, "warehouse")
            connection.execute("USE warehouse")
            yield connection

    def attach(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        """Attach the warehouse under a name: `<name>.raw.letters`, `<name>.marts.fct_decisions`."""
        connection.execute(f"ATTACH ':memory:' AS {name}")
        create_raw_views(connection, f"{name}.{RAW_SCHEMA}", self.parts)
        connection.execute(f"CREATE SCHEMA {name}.{MARTS_SCHEMA}")
        if self.marts is not None:
            connection.execute(f"ATTACH {quote(self.marts)} AS {name}{_FILE_OF_MARTS} (READ_ONLY)")
            for mart in list_marts(connection, f"{name}{_FILE_OF_MARTS}"):
                source = f'{name}{_FILE_OF_MARTS}.main."{mart}"'
                connection.execute(f'CREATE VIEW {name}.{MARTS_SCHEMA}."{mart}" AS FROM {source}')


def list_marts(connection: duckdb.DuckDBPyConnection, catalog: str) -> list[str]:
    """Return the names of the marts in an attached BI file."""
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'main' ORDER BY ALL",
        [catalog],
    ).fetchall()
    return [name for (name,) in rows]
