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


COSTLY = ("_loaded_once", "empty_build")
"""Session fixtures that are whole loads and dbt builds: the tests of one of them run in one process."""


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist writes the groups into the tests' names
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests stay together when pytest-xdist spreads them over processes: a costly fixture's, or a file's."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        costly = next((name for name in COSTLY if name in fixtures), None)
        group = costly or str(item.path.relative_to(PROJECT / "tests"))
        item.add_marker(pytest.mark.xdist_group(group))
