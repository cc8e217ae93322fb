"""`imr versions`, `imr rollback` and `imr status` on a damaged warehouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from imr.pipeline import steps
from tests.support.command import run_imr
from tests.support.drawn_letters import write_letter
from tests.support.home import Home
from warehouse.errors import WarehouseError

REPAIR = "Make one current: `imr rollback 2`"


@pytest.fixture
def twice(published: Home) -> Home:
    """A home with two versions."""
    inbox = write_letter(Path(published.settings.inbox), "new.pdf", "CM17-0500001").parent
    assert published.load_quickly("second", inbox) == 2
    return published


@pytest.mark.parametrize("how", ["missing", "dangling", "a folder"])
def test_a_lost_pointer_is_a_problem_and_rollback_repairs_it(twice: Home, how: str) -> None:
    link = twice.path / "warehouse" / "current"
    link.unlink()
    if how == "dangling":
        link.symlink_to("versions/000007")
    elif how == "a folder":
        link.mkdir()
    shown = run_imr(twice.path, "versions").splitlines()
    assert [line.split()[0] for line in shown[1:]] == ["1", "2"]
    assert REPAIR in run_imr(twice.path, "status").split("problems")[1]
    write_letter(Path(twice.settings.inbox), "third.pdf", "CM17-0500002")
    with pytest.raises(WarehouseError, match=REPAIR):
        steps.scan(twice.context, "third")
    assert REPAIR in run_imr(twice.path, "sql", "SELECT 1", status=1)
    assert REPAIR in run_imr(twice.path, "rollback", status=1)
    if how == "a folder":
        assert "Move it away" in run_imr(twice.path, "rollback", "2", status=1)
        link.rmdir()
    assert run_imr(twice.path, "rollback", "2") == "readers see version 2 (it was none)\n"
    assert REPAIR not in run_imr(twice.path, "status")
    assert twice.load_quickly("third", twice.settings.inbox) == 3


def test_a_pointer_lost_in_the_middle_of_a_load_stops_it(twice: Home) -> None:
    twice.read("third", write_letter(Path(twice.settings.inbox), "third.pdf", "CM17-0500002").parent)
    (twice.path / "warehouse" / "current").unlink()
    with pytest.raises(WarehouseError, match=REPAIR):
        steps.load(twice.context, "third")


@pytest.mark.parametrize("content", ["", "{"])
def test_a_garbled_manifest_of_an_old_version_stops_no_load(twice: Home, content: str) -> None:
    manifest = twice.path / "warehouse" / "versions" / "000001" / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text(content)
    named = "version 1: manifest.json is missing or cannot be read"
    assert "2" in run_imr(twice.path, "versions").splitlines()[-1]
    assert named in run_imr(twice.path, "status").split("problems")[1]
    inbox = write_letter(Path(twice.settings.inbox), "third.pdf", "CM17-0500002").parent
    assert twice.load_quickly("third", inbox) == 3
    assert run_imr(twice.path, "rollback", "2").startswith("readers see version 2")
    assert "kept: 2, 3" in run_imr(twice.path, "rollback", "1", status=1)


def change_a_bit(file: Path) -> None:
    file.chmod(0o600)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_verify_compares_every_file_with_its_manifest(twice: Home) -> None:
    assert "2 versions: every file is as published" in run_imr(twice.path, "versions", "--verify")
    change_a_bit(twice.path / "warehouse" / "versions" / "000001" / "marts.duckdb")
    damage = "version 1: marts.duckdb is not the published file"
    run_imr(twice.path, "versions", "--verify", status=1)
    assert damage not in run_imr(twice.path, "status"), "readers see version 2"
    run_imr(twice.path, "rollback", "1")
    run_imr(twice.path, "versions", "--verify", status=1)
    assert damage in run_imr(twice.path, "status").split("problems")[1]


def test_a_damaged_part_is_damage_of_each_version_that_shares_it(twice: Home) -> None:
    change_a_bit(twice.path / "warehouse" / "raw" / "000001" / "citations.parquet")
    damage = "raw/000001/citations.parquet is not the published file"
    assert [v.find_damage() for v in twice.context.versions.all()] == [[f"version {n}: {damage}"] for n in (1, 2)]
    run_imr(twice.path, "versions", "--verify", status=1)
    assert f"version 2: {damage}" in run_imr(twice.path, "status").split("problems")[1]
