"""Data Docs: self-contained and escaped pages, kept for the last runs, and readable after a gate was killed."""

from __future__ import annotations

from pathlib import Path

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
import pytest

from expectations.data_docs import SITE, prune
from expectations.gate import Check, GateResult, run_gate
from expectations.severity import BLOCK

pytestmark = pytest.mark.slow

MARKUP = "<img src=x onerror=alert(1)>.pdf"


def run_failing(home: Path, run_id: str) -> GateResult:
    """Run a suite that fails on ten files, one of which has markup as its name."""
    frame = pd.DataFrame({"source_path": [MARKUP, *(f"{n}.pdf" for n in range(9))], "result": "crashed"})
    rule = gxe.ExpectColumnValuesToNotBeInSet(
        column="result", value_set=["crashed"], severity=BLOCK, description="No file crashes", notes="See the details."
    )
    suite = gx.ExpectationSuite("files", expectations=[rule])
    return run_gate("batch", [Check(suite, frame, ["source_path"])], home=home, run_id=run_id)


def test_pages_show_rule_notes_and_rows_and_load_nothing(tmp_path: Path) -> None:
    result = run_failing(tmp_path, "one")
    pages = {page.resolve(): page.read_text("utf-8") for page in (tmp_path / SITE).rglob("*.html")}
    assert {result.data_docs, (tmp_path / SITE).resolve() / "index.html"} <= set(pages)
    for text in pages.values():
        for loaded in ("://", "<script", "static/", "<img src=x"):
            assert loaded not in text
    page = pages[result.data_docs]
    assert "BLOCK: No file crashes. See the details." in page
    assert "8.pdf" in page
    assert "one" in page
    assert "&lt;img src=x" in page


def test_only_the_last_runs_are_kept_and_only_the_new_pages_are_built(tmp_path: Path) -> None:
    for run in ("one", "two"):
        run_failing(tmp_path, run)
    before = run_failing(tmp_path, "three").data_docs
    built_at = before.stat().st_mtime_ns
    prune(tmp_path, keep=1)
    last = run_failing(tmp_path, "four")
    kept = {page.parent.parent.name for page in (tmp_path / SITE / "validations").rglob("*.html")}
    assert kept == {"three", "four"}
    assert before.stat().st_mtime_ns == built_at
    index = (tmp_path / SITE / "index.html").read_text("utf-8")
    assert "validations/files/four/" in index
    assert "validations/files/one/" not in index
    assert last.data_docs.exists()


def test_files_of_a_killed_gate_do_not_stop_the_next_one(tmp_path: Path) -> None:
    killed = run_failing(tmp_path, "killed").data_docs
    written = [f for f in (tmp_path / "gx").rglob("*") if f.suffix in {".json", ".yml"}]
    assert len(written) >= 4
    for file in written:
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    result = run_failing(tmp_path, "next")
    assert [f.suite for f in result.failures] == ["files"]
    assert result.data_docs != killed
    for file in written:
        file.write_bytes(b"")
    assert run_failing(tmp_path, "last").failures
