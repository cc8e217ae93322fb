"""Who may read what a load writes, whatever the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from imr.pipeline import steps
from tests.support.drawn_letters import draw_letter_with_identity, write_letter
from tests.support.home import Home
from warehouse.intake.reviews import REJECT, Review


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def loaded_by(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    """A home whose folders an earlier release left open, after a load and a review under an umask."""
    home = Home(tmp_path / "home")
    before = os.umask(0)
    for name in ("inbox", "archive", "quarantine", "runs", "reviews", "notices"):
        (home.path / name).mkdir(parents=True)
    os.umask(request.param)
    inbox = write_letter(home.path / "inbox", "a.pdf", "CM17-0500001").parent
    (inbox / "b.pdf").write_bytes(draw_letter_with_identity())
    home.load_quickly("first", inbox)
    home.context.reviews.add(Review("00", REJECT, "a name", "ann", datetime(2026, 1, 2)))
    yield home
    os.umask(before)


def find_open(folder: Path) -> list[Path]:
    """Return what others may read, enter or write."""
    return [path for path in [folder, *folder.rglob("*")] if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_letters_and_their_text_are_for_the_owner_alone(loaded_by: Home) -> None:
    quarantined = list((loaded_by.path / "quarantine" / "identity_found").rglob("*.pdf"))
    assert len(quarantined) == 1
    for name in ("archive", "quarantine", "reviews", "warehouse/reports"):
        assert find_open(loaded_by.path / name) == [], name
    for name in ("runs", "notices"):
        assert stat.S_IMODE((loaded_by.path / name).stat().st_mode) == 0o700, "only the owner may enter it"


def test_others_read_the_marts_and_nothing_else_of_the_warehouse(loaded_by: Home) -> None:
    warehouse = loaded_by.path / "warehouse"
    version = (warehouse / "current").resolve()
    modes = {f.name: stat.S_IMODE(f.stat().st_mode) for f in version.iterdir()}
    assert modes == {"marts.duckdb": 0o444, "manifest.json": 0o444}
    part = warehouse / "raw" / "000001"
    assert {f.stem for f in part.iterdir()} > {"letters", "decisions", "files"}
    assert stat.S_IMODE(part.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(f.stat().st_mode) for f in part.iterdir()} == {0o400}
    assert {stat.S_IMODE(f.stat().st_mode) for f in (warehouse, version.parent, version)} == {0o755}


def test_raw_rows_that_were_opened_are_restricted_again(loaded_by: Home) -> None:
    raw = loaded_by.path / "warehouse" / "raw"
    raw.chmod(0o755)
    write_letter(loaded_by.path / "inbox", "c.pdf", "CM17-0500002")
    assert loaded_by.load_quickly("second", loaded_by.path / "inbox") == 2
    assert stat.S_IMODE(raw.stat().st_mode) == 0o700


def test_a_folder_that_is_opened_on_purpose_is_closed_by_the_next_load(loaded_by: Home) -> None:
    (loaded_by.path / "quarantine").chmod(0o755)
    steps.scan(loaded_by.context, "second")
    assert find_open(loaded_by.path / "quarantine") == []
