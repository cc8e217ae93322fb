"""Steps of a load after a failure, a kill or a rollback."""

from __future__ import annotations

from pathlib import Path

import pytest

from imr.pipeline import steps
from tests.support.drawn_letters import write_letter
from tests.support.home import Home, build_stand_in_marts
from tests.support.letters import faults
from warehouse.build.transform import TransformError
from warehouse.errors import WarehouseError
from warehouse.runs.run_files import list_chunk_files

NEW = "FROM raw.files WHERE source_path = 'new.pdf'"


@pytest.mark.slow
def test_a_failed_dbt_test_names_the_failing_rows(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.read("first", write_letter(home.letters, "poisoned.pdf", "CM17-0500002").parent)
    run = home.context.open_run("first")
    for name in list_chunk_files(run, "decisions"):
        (run.folder / name).unlink()
    steps.load(home.context, "first")
    with pytest.raises(TransformError) as failed:
        steps.build_marts(home.context, "first")
    for part in ("assert_every_letter_has_a_decision", "poisoned.pdf", "compiled SQL", "skipped because of this"):
        assert part in str(failed.value)
    assert home.context.current is None


def test_a_damaged_file_is_quarantined_and_the_load_succeeds(published: Home) -> None:
    inbox, damaged = Path(published.settings.inbox), Path(published.settings.quarantine) / "damaged"
    before = set(damaged.rglob("*.json"))
    good = write_letter(inbox, "new.pdf", "CM17-0500001")
    (inbox / "bad.pdf").write_bytes(faults.damaged(good.read_bytes()))
    assert published.load_quickly("second", inbox) == 2
    assert not list(inbox.iterdir()), "the project's own inbox is emptied"
    assert len(set(damaged.rglob("*.json")) - before) == 1
    assert len(published.query("FROM raw.letters WHERE case_number = 'CM17-0500001'")) == 1


def test_letters_of_a_rolled_back_version_are_read_again(published: Home) -> None:
    inbox = write_letter(Path(published.settings.inbox), "new.pdf", "CM17-0500004").parent
    assert published.load_quickly("second", inbox) == 2
    published.context.versions.rollback()
    assert not published.query(NEW)
    assert published.load_quickly("third", inbox) == 3
    assert len(published.query(NEW)) == 1


def test_letters_of_a_run_killed_before_publication_are_loaded_once_by_the_next(published: Home) -> None:
    inbox = write_letter(Path(published.settings.inbox), "new.pdf", "CM17-0500005").parent
    published.read("killed", inbox)
    steps.load(published.context, "killed")
    assert published.load_quickly("again", inbox) == 2
    assert [row["run_id"] for row in published.query(NEW)] == ["again"]


def test_of_two_candidates_on_one_base_the_second_builds_again_on_the_first(published: Home) -> None:
    for run_id, outcome in (("one", "Upheld"), ("other", "Overturned")):
        published.read(run_id, write_letter(published.path / run_id, f"{run_id}.pdf", "CM17-0500006", outcome).parent)
        steps.load(published.context, run_id)
        build_stand_in_marts(published.context, run_id)
    assert steps.publish(published.context, "one") == 2
    with pytest.raises(WarehouseError, match="version 2 was published while this run built on 1"):
        steps.publish(published.context, "other")
    assert published.publish("other") == 3
    parts = published.context.versions.require_current().contents.parts
    assert [part.name for part in parts] == ["000001", "000002", "000003"]
    found = published.query("SELECT source_name, load_number FROM raw.letters WHERE case_number = 'CM17-0500006'")
    assert sorted(tuple(row.values()) for row in found) == [("one.pdf", 2), ("other.pdf", 3)]


def test_the_report_escapes_file_names(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.letters.mkdir()
    (home.letters / "<script>alert(1)<script>.pdf").write_text("no letter")
    home.read("first")
    steps.report(home.context, "first")
    page = home.context.open_run("first").report.read_text()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page
