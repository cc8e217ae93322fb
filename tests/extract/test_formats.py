"""The letter formats as declared: each sample has exactly one, and a mistake in a format file is an error."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from extract.letters.detect import detect_format, find_mismatches
from extract.letters.parse import parse_letter
from extract.letters.registry import FOLDER, FormatFileError, load_format, load_formats
from extract.letters.vocabularies import load_outcome_words
from extract.pdf_text import fast
from extract.plain_text import read_text
from extract.read import read_letter
from extract.reasons import Reason, UnreadableError
from extract.samples import FILES
from tests.extract.conftest import LIMITS, parse_error, parse_pdf, parse_text, sample_decision
from tests.support.letters import SampleLetter, draw_letter, draw_text, named_letters

LETTERS = named_letters()


def read_drawn(letter: SampleLetter) -> str:
    return fast.read_lines(draw_letter(letter), max_pages=20).text


# --- detection: exactly one format, or a reason ---


@pytest.mark.parametrize("name", LETTERS)
def test_a_sample_has_the_marks_of_its_own_format_only(name: str) -> None:
    text = read_drawn(LETTERS[name])
    assert [f.id for f in load_formats() if not find_mismatches(f, text)] == [LETTERS[name].layout]
    assert detect_format(text).id == LETTERS[name].layout


def test_every_format_has_a_sample() -> None:
    found = set()
    for file in FILES.iterdir():
        with suppress(UnreadableError):  # samples of quarantined files
            found.add(read_letter(file, LIMITS).format)
    assert found == {f.id for f in load_formats()}


def test_the_formats_of_real_letters_are_declared_as_seen(real_letters: Path) -> None:
    texts = [file.read_text() for file in real_letters.glob("*.txt")]
    texts += [fast.read_lines(next(real_letters.glob("*.pdf")).read_bytes(), max_pages=20).text]
    found = [detect_format(text) for text in texts]
    assert len({f.id for f in found}) > 1
    assert [f.id for f in found if not f.seen_on_real_letters] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("CM13-0300022", "CM16-0300001"), ("CM14-0300024", "CM16-0300001"), ("CM13-0300023", "CM14-0300020")],
)
def test_two_letters_in_one_file_are_ambiguous_and_both_are_named(one: str, other: str) -> None:
    error = parse_error(f"{read_drawn(LETTERS[one])}\n{read_drawn(LETTERS[other])}")
    assert error.reason is Reason.AMBIGUOUS_FORMAT
    assert {LETTERS[one].layout, LETTERS[other].layout} <= set(error.detail.split())


def test_words_of_another_format_inside_a_sentence_are_not_ambiguous() -> None:
    letter = LETTERS["CM14-0300020"]
    summary = f"{letter.clinical_case_summary} The documents reviewed include a medical professional review."
    assert parse_text(draw_text(replace(letter, clinical_case_summary=summary))).format == "credentials_in_prose"


def test_a_text_without_marks_is_an_unknown_format_and_the_nearest_is_named() -> None:
    prose = draw_text(LETTERS["CM14-0300020"])
    error = parse_error(prose.replace("Board Certified in", "Certified by the Board in"))
    assert error.reason is Reason.UNKNOWN_FORMAT
    assert error.detail.endswith("the nearest, credentials_in_prose: no 'Board Certified in'")


# --- letters of later years in the form of 2016-17 ---


@pytest.mark.parametrize("label", ["Maximus guideline:", "EXPERT REVIEWER guideline:", "Expert Reviewer Guideline:"])
@pytest.mark.parametrize(
    ("against", "granted"),
    [
        ("Upheld", "Overturned"),
        ("UPHELD", "OVERTURNED"),
        ("Not medically necessary", "Medically necessary"),
        ("Not medically necessary and appropriate", "Medically necessary and appropriate"),
    ],
)
def test_a_later_letter_of_the_same_form_is_read(
    label: str, against: str, granted: str, letter: SampleLetter, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = letter.decisions
    long = "Lumbar support belt, made to measure, with a cover that can be washed, and one belt to spare for it"
    decisions = (replace(first, outcome=against), replace(second, treatment=long, outcome=granted))
    monkeypatch.setattr("tests.support.letters.layouts.parts.REVIEWER_LABEL", label)
    record = parse_pdf(replace(letter, decisions=decisions))
    assert record.format == "table_header"
    assert [d.outcome for d in record.decisions] == ["upheld", "overturned"]
    assert [d.treatment_requested for d in record.decisions] == [first.treatment, long]
    assert not record.flags


@pytest.mark.parametrize("width", range(84, 96))
def test_a_decision_of_three_words_may_break_anywhere(width: int, letter: SampleLetter) -> None:
    request = ("Supervised exercise and massage " * 4)[:width].strip()
    decisions = (letter.decisions[0], sample_decision(request, "Not medically necessary"))
    record = parse_pdf(replace(letter, decisions=decisions))
    assert [d.treatment_requested for d in record.decisions] == [decisions[0].treatment, request]
    assert [d.outcome for d in record.decisions] == ["upheld", "upheld"]


def test_a_prose_letter_with_a_header_table_takes_its_dates_from_the_table() -> None:
    record = parse_text(read_drawn(LETTERS["CM14-0300025"]))
    assert record.case_number == "CM14-0300025"
    assert (record.decision_date, record.date_assigned) == (date(2014, 4, 16), date(2014, 3, 19))


# --- the format files ---


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the folder of formats."""
    return Path(shutil.copytree(FOLDER, tmp_path / "formats"))


NEW_FORMAT = r"""
seen_on_real_letters = false
parts = ["credentials_prose"]
required_fields = ["case_number", "decision_date"]

[detect]
all = ['^SHORT\s+FORM\s+DETERMINATION\s*?$']

[headings]
summary = "HISTORY"
requests = "REQUESTS"
guidelines = "GUIDELINES"
rationale = "REASONS"
reviewer = "REVIEWER"

[[items]]
style = "one_block"
patterns = { entry = '^(?P<number>\d)\.\s+' }

[fields]
case_number = [{ in = "header", pattern = 'Case:\s*(\S+)' }]
decision_date = [{ in = "header", pattern = 'Decided:\s*(\S+)' }]
"""
NEW_LETTER = """SHORT FORM DETERMINATION
Case: CM30-0000001
HISTORY
A 50 year old man has had knee pain since a fall.
REQUESTS
1. Knee brace
2. Twelve visits of massage
GUIDELINES
MTUS Knee Complaints 2004
REASONS
Rest has not helped. Both requests are medically necessary.
REVIEWER
The reviewer is Board Certified in Family Practice and is licensed to practice in California.
"""


def test_a_new_format_is_one_file_of_data(folder: Path) -> None:
    (folder / "short_form.toml").write_text(NEW_FORMAT)
    document = read_text(NEW_LETTER.encode())
    record = parse_letter(document, letter_id="0", source_name="new.txt", formats=load_formats(folder))
    assert (record.format, record.case_number, record.patient_age) == ("short_form", "CM30-0000001", 50)
    assert [(d.treatment_requested, d.outcome) for d in record.decisions] == [
        ("Knee brace", "overturned"),
        ("Twelve visits of massage", "overturned"),
    ]
    assert record.specialties == ("Family Practice",)
    assert ("field_missing", "decision_date") in {(f.code, f.detail) for f in record.flags}
    assert parse_error(NEW_LETTER).reason is Reason.UNKNOWN_FORMAT


def test_every_format_file_is_loaded_and_every_part_is_used() -> None:
    assert [f.id for f in load_formats()] == sorted(file.stem for file in FOLDER.glob("*.toml"))
    declared = "".join(file.read_text() for file in FOLDER.glob("*.toml"))
    assert [part.stem for part in (FOLDER / "parts").glob("*.toml") if f'"{part.stem}"' not in declared] == []


@pytest.mark.parametrize(
    ("wanted", "instead", "message"),
    [
        ("seen_on_real_letters = true\n", "", "the key 'seen_on_real_letters' is missing"),
        ("[fields]\n", "[field]\n", "unknown key field"),
        ("[fields]\n", "[fields]\ndate_of_birth = []\n", "unknown field date_of_birth"),
        ('fields = [\n    "', 'fields = [\n    "date_of_birth", "', "no rule for required field date_of_birth"),
        ('{ in = "reviewer"', '{ in = "preamble"', "no heading for section preamble"),
        (r"Specialty\s*:\s*(.*)'", r"Specialty\s*:\s*.*'", "each pattern of specialties needs one group"),
        (', "labelled_blocks"', "", "no items"),
        (', "determination_sections"', "", "labelled_blocks needs the section decisions"),
        ("[fields]\n", '[[items]]\nstyle = "haiku"\n[fields]\n', "unknown style of items haiku"),
        ("[fields]\n", '[headings]\npoem = "POEM"\n[fields]\n', "unknown section poem"),
        (r"Certification\(s\)\s*/", "Certification(s", "missing \\)"),
        ('"labelled_blocks"', '"labelled_block"', "parts/labelled_block.toml"),
        ("[detect]", "[detect", "at line"),
    ],
)
def test_a_mistake_in_a_format_file_is_named(wanted: str, instead: str, message: str, folder: Path) -> None:
    file = folder / "table_header.toml"
    text = file.read_text()
    assert wanted in text
    file.write_text(text.replace(wanted, instead))
    with pytest.raises(FormatFileError, match=f"table_header.toml: .*{message}"):
        load_format(file)


def test_outcomes_are_lower_case_and_of_the_three() -> None:
    words = load_outcome_words()
    assert all(printed == printed.lower() for printed in words)
    assert set(words.values()) == {"upheld", "overturned", "partially_overturned"}
