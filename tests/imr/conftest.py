from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from extract.samples import write_samples
from tests.support.home import Home


@pytest.fixture(scope="session")
def _loaded_once(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("home"))
    write_samples(home.letters)
    (home.letters / "labels.jsonl").write_text("{}\n")
    assert home.load("first") == 1
    return home


@pytest.fixture
def loaded(_loaded_once: Home, tmp_path: Path) -> Home:
    """A home that has loaded the sample letters as run `first`; a copy that the test may change."""
    shutil.copytree(_loaded_once.path, tmp_path / "home", symlinks=True)
    return Home(tmp_path / "home")
