"""What every test may ask for."""

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
    """The folder of real letters with hand-made labels; they are test data that is not shipped."""
    if not SHARED_LETTERS.is_dir():
        pytest.skip("the labelled real letters are not beside this checkout (../shared/letters)")
    return SHARED_LETTERS


@pytest.fixture(scope="session")
def scorer(real_letters: Path) -> Path:
    return real_letters.parent / "tools" / "score_letters.py"


TOGETHER = ("dbt_project", "imr/site")
"""Folders whose tests run in one process: their session fixtures are whole dbt builds and loads."""
LONGEST_FIRST = (
    *("test_readme.py", "imr/test_pipeline.py", "imr/service", "dbt_project", "imr/test_load_once.py"),
    *("imr/test_reparse.py", "imr/test_backfill.py", "imr/site", "imr/test_gates.py", "imr/test_safety.py"),
)
"""What takes minutes begins first, so that no process is left with it at the end."""


class _ByFile(LoadScopeScheduling):
    """Keeps the tests of a file in one process, and those of some folders.

    Not pytest-xdist's own groups: 3.8 writes them into a name that pytest 9.2 does not read.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0].removeprefix("tests/")
        return next((folder for folder in TOGETHER if file.startswith(f"{folder}/")), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Spread tests over processes by file."""
    return _ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first; the order within a file stays."""

    def place(item: pytest.Item) -> int:
        file = item.path.relative_to(PROJECT / "tests").as_posix()
        longest = (n for n, name in enumerate(LONGEST_FIRST) if file == name or file.startswith(f"{name}/"))
        return next(longest, len(LONGEST_FIRST))

    items.sort(key=place)
