from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from imr.pipeline import steps
from imr.samples import write_samples
from imr.settings import Settings


@dataclass(frozen=True)
class House:
    """A home folder with its drop folder, and a way to run loads in it without a scheduler."""

    home: Path

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, chunk_size=10, quiet_seconds=0)

    @property
    def drop(self) -> Path:
        return self.home / "elsewhere"

    def until_gate(self, run_id: str, drop: Path | None = None) -> list[int]:
        chunks = steps.scan(self.settings, run_id, drop or self.drop)
        for first in chunks:
            steps.extract(self.settings, run_id, first)
        return chunks

    def load(self, run_id: str, drop: Path | None = None) -> int | None:
        """Run every step as the DAG does; return the published version, `None` where nothing was new."""
        version = None
        if self.until_gate(run_id, drop):
            steps.gate_batch(self.settings, run_id)
            steps.load_raw(self.settings, run_id)
            steps.build_marts(self.settings, run_id)
            steps.gate_marts(self.settings, run_id)
            version = steps.publish(self.settings, run_id)
        steps.settle(self.settings, run_id)
        steps.report(self.settings, run_id)
        return version


@pytest.fixture(scope="session")
def _loaded_once(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House(tmp_path_factory.mktemp("house"))
    write_samples(house.drop)
    (house.drop / "labels.jsonl").write_text("{}\n")
    assert house.load("first") == 1
    return house


@pytest.fixture
def loaded(_loaded_once: House, tmp_path: Path) -> House:
    """A house that has loaded the sample letters as run `first`; a copy that the test may spoil."""
    shutil.copytree(_loaded_once.home, tmp_path / "house", symlinks=True)
    return House(tmp_path / "house")
