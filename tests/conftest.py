"""What every test may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

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


SHARE_COSTLY_FIXTURES = {"imr", "dbt_project"}
"""Folders whose tests run in one process: their session fixtures are whole loads and dbt builds."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests stay together when pytest-xdist spreads them over processes: a file's, or a folder's."""
    for item in items:
        file = item.path.relative_to(PROJECT / "tests")
        group = file.parts[0] if file.parts[0] in SHARE_COSTLY_FIXTURES else str(file)
        item.add_marker(pytest.mark.xdist_group(group))
