from __future__ import annotations

from tests.support.cli_reference import FILE, render_reference


def test_the_reference_matches_the_help_texts() -> None:
    assert FILE.read_text("utf-8") == render_reference(), "run `make docs`"
