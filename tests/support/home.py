"""A home folder of the project, and loads in it without a scheduler."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from imr.context import Context
from imr.pipeline import steps
from imr.settings import Settings


@dataclass(frozen=True)
class Home:
    """A home folder with a folder of letters beside its inbox."""

    path: Path

    @property
    def settings(self) -> Settings:
        return Settings(home=self.path, chunk_size=10, quiet_seconds=0)

    @property
    def context(self) -> Context:
        return Context(self.settings)

    @property
    def letters(self) -> Path:
        """The folder that `load` loads by default."""
        return self.path / "letters"

    def read(self, run_id: str, inbox: Path | None = None) -> list[int]:
        """Scan and extract; return the chunks."""
        chunks = steps.scan(self.context, run_id, inbox or self.letters)
        for first in chunks:
            steps.extract(self.context, run_id, first)
        return chunks

    def load(self, run_id: str, inbox: Path | None = None) -> int | None:
        """Run every step as the DAG does; return the published version, `None` where nothing was new."""
        chunks = steps.scan(self.context, run_id, inbox or self.letters)
        version = steps.run_load(self.context, run_id, chunks)
        steps.report(self.context, run_id)
        return version
