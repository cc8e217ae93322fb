"""Data Docs as files: what they ask of the network (nothing), what they escape, and how much of them is kept."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from expectations import batch_files
from expectations.data_docs import SITE, prune
from expectations.gate import Check, GateResult, run_gate

MARKUP = "<img src=x onerror=alert(1)>.pdf"


def refused(home: Path, run_id: str) -> GateResult:
    """Run the files' suite on a batch that killed its readers, one of which is named in markup."""
    names = [MARKUP, *(f"{n}.pdf" for n in range(9))]
    frame = pd.DataFrame({"source_path": names, "ended": "crashed", "status": "quarantined"})
    return run_gate("batch", [Check(batch_files.suite(10), frame, ["source_path"])], home=home, run_id=run_id)


def test_pages_ask_nothing_of_the_network_and_run_nothing(tmp_path: Path) -> None:
    result = refused(tmp_path, "one")
    pages = {page: page.read_text("utf-8") for page in (tmp_path / SITE).rglob("*.html")}
    assert {result.data_docs, (tmp_path / SITE).resolve() / "index.html"} <= {page.resolve() for page in pages}
    for text in pages.values():
        assert "://" not in text
        assert "<script" not in text


def test_the_page_of_a_validation_tells_severity_rule_notes_and_rows(tmp_path: Path) -> None:
    page = refused(tmp_path, "one").data_docs.read_text("utf-8")
    assert "BLOCK: Few files killed their reader. So many letters do not kill their reader by themselves" in page
    assert "8.pdf" in page
    assert "one" in page


def test_what_a_file_is_called_is_text_on_a_page(tmp_path: Path) -> None:
    page = refused(tmp_path, "one").data_docs.read_text("utf-8")
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_only_the_last_runs_are_kept_and_the_index_links_to_nothing_else(tmp_path: Path) -> None:
    for run in ("one", "two", "three"):
        refused(tmp_path, run)
    prune(tmp_path, keep=1)
    last = refused(tmp_path, "four")
    kept = {page.parent.parent.name for page in (tmp_path / SITE / "validations").rglob("*.html")}
    assert kept == {"three", "four"}
    index = (tmp_path / SITE / "index.html").read_text("utf-8")
    assert "validations/batch_files/four/" in index
    assert "validations/batch_files/one/" not in index
    assert last.data_docs.exists()


def test_a_gate_builds_its_own_pages_and_the_index_only(tmp_path: Path) -> None:
    first = refused(tmp_path, "one").data_docs
    before = first.stat().st_mtime_ns
    refused(tmp_path, "two")
    assert first.stat().st_mtime_ns == before


def test_what_a_killed_gate_left_half_written_does_not_stop_the_next_one(tmp_path: Path) -> None:
    first = refused(tmp_path, "killed").data_docs
    written = [f for f in (tmp_path / "gx").rglob("*") if f.suffix in {".json", ".yml"}]
    assert len(written) >= 4
    for file in written:
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    again = refused(tmp_path, "next")
    assert [f.suite for f in again.failures] == ["batch_files"] * len(again.failures) != []
    assert again.data_docs != first
    for file in written:
        file.write_bytes(b"")
    assert refused(tmp_path, "and the next").failures
