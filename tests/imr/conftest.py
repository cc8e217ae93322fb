"""Homes with published letters. The tests of this package that use one built by dbt are slow."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from extract.samples import write_samples
from tests.support.home import Home

NOT_SLOW = "test_load_end_to_end.py"
"""The one load that `make test` runs as well."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what needs a whole load; before `-m` selects."""
    for item in items:
        if "_loaded_once" in getattr(item, "fixturenames", ()) and item.path.name != NOT_SLOW:
            item.add_marker(pytest.mark.slow)


def _make_home(path: Path) -> Home:
    home = Home(path)
    write_samples(home.letters)
    (home.letters / "labels.jsonl").write_text("{}\n")
    return home


@pytest.fixture(scope="session")
def _loaded_once(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = _make_home(tmp_path_factory.mktemp("loaded"))
    assert home.load("first") == 1
    return home


@pytest.fixture
def loaded(_loaded_once: Home, tmp_path: Path) -> Home:
    """A home that has loaded the sample letters as run `first`; a copy that the test may change."""
    return Home(Path(shutil.copytree(_loaded_once.path, tmp_path / "home", symlinks=True)))


@pytest.fixture(scope="session")
def _published_once(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = _make_home(tmp_path_factory.mktemp("published"))
    assert home.load_quickly("first") == 1
    return home


@pytest.fixture
def published(_published_once: Home, tmp_path: Path) -> Home:
    """As `loaded`, but without dbt and gates: raw tables, ledger, archive and stand-in marts."""
    return Home(Path(shutil.copytree(_published_once.path, tmp_path / "home", symlinks=True)))
