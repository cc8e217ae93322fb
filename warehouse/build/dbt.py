"""dbt, called in this process on one warehouse file; its parsed project is kept between calls."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
WRITTEN_BY_DBT = ("target", "logs", "dbt_packages")
DECIDE_THE_PARSE = ("--target", "--vars")
"""Options whose values a model can ask for while it is parsed; each is given as two words."""


def project_hash() -> str:
    """Return a hash of everything that decides what dbt builds: models, macros, seeds, snapshots, configuration."""
    return _hash(".sql", ".yml", ".csv")


def _hash(*suffixes: str) -> str:
    digest = hashlib.sha256()
    for file in sorted(f for f in PROJECT.rglob("*") if f.suffix in suffixes):
        if file.relative_to(PROJECT).parts[0] not in WRITTEN_BY_DBT:
            digest.update(str(file.relative_to(PROJECT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Dbt:
    """dbt on a warehouse file; what it compiles and logs goes to `folder`.

    The project is parsed once for each state of its sources (`dbt_project/target/parsed-*`). What a command has
    compiled, the next one of the same object knows.
    """

    file: Path
    folder: Path
    _manifests: dict[Path, Manifest] = field(default_factory=dict, init=False, repr=False)

    def invoke(self, *command: str) -> Any:
        """Run a command and return dbt's result; the file is closed at its end.

        `--no-partial-parse` in the command has dbt parse the project whatever is kept.
        """
        if "--no-partial-parse" in command:
            return self._run(None, *command)
        asked = [part for pair in pairwise(command) if pair[0] in DECIDE_THE_PARSE for part in pair]
        kept = _kept(asked)
        if kept not in self._manifests and kept.exists():
            self._manifests[kept] = _read(kept)
        if kept not in self._manifests:
            parsed = self._run(None, "parse", *asked)
            if not parsed.success:
                return parsed
            _keep(self.folder / "partial_parse.msgpack", kept)
            self._manifests[kept] = parsed.result
        return self._run(self._manifests[kept], *command)

    def _run(self, manifest: Manifest | None, *command: str) -> Any:
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 - two seconds, paid only where dbt runs

        options = ["--quiet", "--log-path", str(self.folder / "logs"), *command]
        options += ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(self.folder)]
        with _environment(IMR_BUILD_FILE=str(self.file), DO_NOT_TRACK="1"):
            try:
                return dbtRunner(manifest=manifest).invoke(options)
            finally:
                _close()


def _close() -> None:
    """Close the warehouse file, which the profile keeps open for the whole build (`keep_open`)."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415 - as above

    environment = DuckDBConnectionManager._ENV  # env() raises a bare Exception where dbt never started
    if environment is not None:
        environment.close()


def _kept(asked: list[str]) -> Path:
    options, sources = (
        hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
        for parts in (asked, [project_hash(), _hash(".md"), *_versions()])
    )
    return PROJECT / "target" / f"parsed-{options}-{sources}.msgpack"


@cache
def _versions() -> tuple[str, ...]:
    return tuple(version(package) for package in ("dbt-core", "dbt-adapters", "dbt-duckdb"))


def _read(kept: Path) -> Manifest:
    """Return the project as it was parsed before; read as dbt reads its own file."""
    from dbt.contracts.graph.manifest import Manifest  # noqa: PLC0415 - dbt takes two seconds, paid only where it runs
    from dbt.parser.manifest import extended_mashumuro_decoder  # noqa: PLC0415 - dbt takes two seconds, paid only where it runs

    manifest: Manifest = Manifest.from_msgpack(kept.read_bytes(), decoder=extended_mashumuro_decoder)
    # what `graph` is in a macro, which is not part of the file
    manifest.build_flat_graph()  # type: ignore[no-untyped-call]  # dbt's own
    manifest.metadata.generated_at = datetime.now(UTC).replace(tzinfo=None)  # dbt's own are UTC without a zone
    return manifest


def _keep(parsed: Path, kept: Path) -> None:
    """Keep what dbt has parsed, instead of what was kept of other sources.

    A project that cannot be written to is parsed anew each time.
    """
    with contextlib.suppress(OSError):
        kept.parent.mkdir(exist_ok=True)
        unfinished = kept.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(parsed.read_bytes())
        unfinished.replace(kept)  # never taken away first: another process may be about to read it
        for other in kept.parent.glob(f"{kept.name.rpartition('-')[0]}-*.msgpack"):
            if other != kept:
                other.unlink(missing_ok=True)


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
