"""Fixtures for all tests, and how they are spread over processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

PROJECT = Path(__file__).resolve().parent.parent
SHARED_LETTERS = PROJECT.parent / "shared" / "letters"


@pytest.fixture(scope="session")
def project() -> Path:
    return PROJECT


@pytest.fixture(scope="session")
def real_letters() -> Path:
    """The folder of labelled real letters, which are not shipped."""
    if not SHARED_LETTERS.is_dir():
        pytest.skip("the labelled real letters are not beside this checkout (../shared/letters)")
    return SHARED_LETTERS


@pytest.fixture(scope="session")
def scorer(real_letters: Path) -> Path:
    return real_letters.parent / "tools" / "score_letters.py"


TOGETHER = ("dbt_project", "imr/site")
"""Folders whose tests run in one process: their session fixtures are whole dbt builds and loads."""


class _ByFile(LoadScopeScheduling):
    """Keeps the tests of a file in one process, and those of some folders.

    Not the groups of pytest-xdist: 3.8 writes them into a name that pytest 9.2 does not read.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0].removeprefix("tests/")
        return next((folder for folder in TOGETHER if file.startswith(f"{folder}/")), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Spread tests over processes by file."""
    return _ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put slow files first, so that no process is left with one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, item.path.name != "test_readme.py"))
