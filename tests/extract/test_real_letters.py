"""The labelled real letters, if they are beside the checkout."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def parsed(real_letters: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of `imr parse` for every labelled letter and the one of 2013-14, one record a line."""
    target = tmp_path_factory.mktemp("parsed") / "parsed.jsonl"
    letters = [*sorted(real_letters.glob("*.pdf")), real_letters / "seed_2013.txt"]
    with target.open("w") as out:
        subprocess.run([sys.executable, "-m", "imr", "parse", *letters], stdout=out, check=True)
    assert len(target.read_text().splitlines()) == len(letters)
    return target


def test_every_scored_field_is_right(parsed: Path, real_letters: Path, scorer: Path) -> None:
    score = subprocess.run(
        [sys.executable, scorer, real_letters / "labels.jsonl", parsed, "--list"], capture_output=True, text=True
    )
    assert "letter_parsed" in score.stdout
    assert score.returncode == 0, score.stdout


def test_the_letter_of_2013_is_read_without_a_header(parsed: Path) -> None:
    records = [json.loads(line) for line in parsed.read_text().splitlines()]
    (record,) = [r for r in records if r["format"] == "credentials_in_prose"]
    (decision,) = record["decisions"]
    assert decision["treatment_requested"] == (
        "MYOFASCIAL RELEASE THERAPY FOR THE LUMBAR SPINE (1 TIME PER WEEK FOR 6 WEEKS)"
    )
    assert (decision["outcome"], record["case_number"]) == ("overturned", None)
    assert (record["patient_age"], record["patient_sex"]) == (49, "male")
    assert (record["date_of_injury"], record["ur_denial_date"]) == ("2008-06-20", "2013-10-22")
    assert record["specialties"] == ["Physical Medicine and Rehabilitation", "Interventional Spine"]


def test_the_notice_of_2013_that_is_cut_off_is_quarantined(real_letters: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "imr", "parse", real_letters / "notice_2013.txt"], capture_output=True, text=True
    )
    assert result.returncode == 1
    assert "incomplete_letter" in result.stderr
    assert "decision 1 has neither guidelines nor rationale" in result.stderr
    assert not result.stdout
