"""dbt, run in this process on one warehouse file."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
WRITTEN_BY_DBT = ("target", "logs", "dbt_packages")
PARSE_OPTIONS = ("--target", "--vars")
"""Options, each followed by a value, that models can read while they are parsed."""


def project_hash() -> str:
    """Return a hash of everything that decides what dbt builds: models, macros, seeds, snapshots, configuration."""
    digest = hashlib.sha256()
    for file in sorted(f for f in PROJECT.rglob("*") if f.suffix in {".sql", ".yml", ".csv"}):
        if file.relative_to(PROJECT).parts[0] not in WRITTEN_BY_DBT:
            digest.update(str(file.relative_to(PROJECT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Dbt:
    """dbt on a file to build in, and on the file of the marts; writes its artifacts and logs to `folder`.

    The project is parsed once per object. What one command compiles is available to the next.
    """

    file: Path
    marts: Path
    folder: Path
    _parsed: dict[tuple[str, ...], Any] = field(default_factory=dict, init=False, repr=False)

    def invoke(self, *command: str) -> Any:
        """Run a command and return dbt's result; the warehouse file is closed afterwards."""
        options = tuple(part for pair in pairwise(command) if pair[0] in PARSE_OPTIONS for part in pair)
        parsed = self.parse(options)
        if not parsed.success:
            return parsed
        try:
            return self._run(command, self.file, self.marts, self.folder, parsed.result)
        finally:
            _close()

    def parse(self, options: tuple[str, ...] = ()) -> Any:
        """Parse the project, unless this object has done so; return dbt's result."""
        if options not in self._parsed:
            self._parsed[options] = self._parse(options)
        return self._parsed[options]

    def _parse(self, options: tuple[str, ...]) -> Any:
        """Parse the project in a folder and for file names that never change, as partial parsing requires."""
        name = re.sub(r"\W+", "-", "-".join(("parse", *options)))
        state = (PROJECT / "target" if os.access(PROJECT, os.W_OK) else self.folder) / name
        return self._run(("--no-write-json", "parse", *options), Path("imr.duckdb"), Path("marts.duckdb"), state)

    def _run(
        self, command: tuple[str, ...], file: Path, marts: Path, target: Path, manifest: Manifest | None = None
    ) -> Any:
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes two seconds, needed only where dbt runs

        options = ("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(target))
        os.environ.update(
            IMR_BUILD_FILE=str(file), IMR_MARTS_FILE=str(marts), DO_NOT_TRACK="1"
        )  # read by the profile and by dbt
        return dbtRunner(manifest=manifest).invoke(
            ["--quiet", "--log-path", str(self.folder / "logs"), *command, *options]
        )


def _close() -> None:
    """Close the warehouse file, which the profile keeps open for the whole build (`keep_open`)."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415 - as above

    environment = DuckDBConnectionManager._ENV  # env() raises a bare Exception where dbt never started
    if environment is not None:
        environment.close()
