"""The letter formats as declared: each sample is in exactly one, and a format file cannot rot unseen."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from extract.letters.detect import detect, lacking
from extract.letters.items import outcome_words
from extract.letters.registry import (
    CHECKED_FIELDS,
    DATE_FIELDS,
    LABELS,
    LIST_FIELDS,
    SECTIONS,
    STYLES,
    TEXT_FIELDS,
    FormatFileError,
    formats,
    load_format,
)
from extract.pdf_text import fast
from extract.reasons import Reason
from tests.extract.conftest import parse_pdf, parse_text, refusal, sample_decision
from tests.support.letters import SampleLetter, draw_letter, draw_text, named_letters

LETTERS = named_letters()
FORMATS = {f.id: f for f in formats()}
FOLDER = Path(__file__).resolve().parents[2] / "extract" / "letters" / "formats"


def text_of(letter: SampleLetter) -> str:
    return fast.read_lines(draw_letter(letter), max_pages=20).text


# --- detection: exactly one, or a named reason ---


@pytest.mark.parametrize("name", LETTERS)
def test_a_sample_has_the_marks_of_its_own_format_only(name: str) -> None:
    text = text_of(LETTERS[name])
    assert [f.id for f in formats() if not lacking(f, text)] == [LETTERS[name].layout]
    assert detect(text).id == LETTERS[name].layout


def test_every_format_has_a_sample() -> None:
    assert {s.layout for s in LETTERS.values()} == set(FORMATS)


@pytest.mark.parametrize(
    ("one", "other"),
    [("CM13-0300022", "CM16-0300001"), ("CM14-0300024", "CM16-0300001"), ("CM13-0300023", "CM14-0300020")],
)
def test_two_letters_in_one_file_are_ambiguous_and_both_are_named(one: str, other: str) -> None:
    refused = refusal(f"{text_of(LETTERS[one])}\n{text_of(LETTERS[other])}")
    assert refused.reason is Reason.AMBIGUOUS_FORMAT
    assert LETTERS[one].layout in refused.detail
    assert LETTERS[other].layout in refused.detail


def test_words_of_another_format_inside_a_sentence_make_no_ambiguity() -> None:
    letter = LETTERS["CM14-0300020"]
    told = f"{letter.clinical_case_summary} The documents reviewed include a medical professional review."
    text = draw_text(replace(letter, clinical_case_summary=told))
    assert parse_text(text).format == "credentials_in_prose"


def test_a_text_with_no_marks_says_what_the_nearest_format_looks_for() -> None:
    refused = refusal("Invoice for twelve chairs\nTotal 1,902.00\n")
    assert refused.reason is Reason.UNKNOWN_FORMAT
    assert "no 'HOW THE IMR FINAL DETERMINATION WAS MADE'" in refused.detail


# --- a later year's letter of the shape of 2016-17, and the years before ---


@pytest.mark.parametrize("label", ["Maximus guideline:", "EXPERT REVIEWER guideline:", "Expert Reviewer Guideline:"])
@pytest.mark.parametrize(
    ("against", "granted"),
    [
        ("Upheld", "Overturned"),
        ("UPHELD", "OVERTURNED"),
        ("Not medically necessary", "Medically necessary"),
        ("Not medically necessary and appropriate", "Medically necessary and appropriate"),
    ],
)  # fmt: skip
def test_a_later_letter_of_the_same_shape_reads(
    label: str, against: str, granted: str, letter: SampleLetter, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = letter.decisions
    long = "Lumbar support belt, made to measure, with a cover that can be washed, and one belt to spare for it"
    made = replace(
        letter, decisions=(replace(first, outcome=against), replace(second, treatment=long, outcome=granted))
    )
    monkeypatch.setattr("tests.support.letters.layouts.parts.REVIEWER_LABEL", label)
    record = parse_pdf(made)
    assert record.format == "table_header"
    assert [d.outcome for d in record.decisions] == ["upheld", "overturned"]
    assert [d.treatment_requested for d in record.decisions] == [first.treatment, long]
    assert not record.flags


@pytest.mark.parametrize("width", range(84, 96))
def test_a_decision_in_three_words_may_break_anywhere(width: int, letter: SampleLetter) -> None:
    request = ("Supervised exercise and massage " * 4)[:width].strip()
    decisions = (letter.decisions[0], sample_decision(request, "Not medically necessary"))
    record = parse_pdf(replace(letter, decisions=decisions))
    assert [d.treatment_requested for d in record.decisions] == [decisions[0].treatment, request]
    assert [d.outcome for d in record.decisions] == ["upheld", "upheld"]


def test_a_prose_letter_with_the_table_in_front_takes_its_dates_from_the_table() -> None:
    record = parse_text(text_of(LETTERS["CM14-0300025"]))
    assert record.case_number == "CM14-0300025"
    assert (record.decision_date, record.date_assigned) == (date(2014, 4, 16), date(2014, 3, 19))


# --- the files themselves ---


def test_formats_are_the_files_and_each_says_whether_it_was_seen() -> None:
    assert sorted(FORMATS) == sorted(f.stem for f in FOLDER.glob("*.toml"))
    assert len(FORMATS) == 5
    assert {f.id for f in formats() if not f.seen_on_real_letters} == {"letterhead", "professional_review"}
    for made in formats():
        assert made.marks
        assert made.title
        assert re.search(r"seen", (FOLDER / f"{made.id}.toml").read_text(), re.IGNORECASE) or made.id == "table_header"


@pytest.mark.parametrize("made", formats(), ids=lambda f: f.id)
def test_a_format_declares_known_names_only(made) -> None:
    assert set(made.headings) <= set(SECTIONS)
    assert set(made.fields) <= {*DATE_FIELDS, *TEXT_FIELDS, *LIST_FIELDS, *CHECKED_FIELDS}
    assert {r.section for rules in made.fields.values() for r in rules} <= {"header", *made.headings}
    assert all(rule.pattern.groups == 1 for rules in made.fields.values() for rule in rules)
    assert {rule.style for rule in made.items} <= set(STYLES)
    assert {label for rule in made.items for label in rule.labels} <= {*LABELS, "guidelines"}


def test_every_part_is_used() -> None:
    used = {part for f in FOLDER.glob("*.toml") for part in tomllib.loads(f.read_text())["parts"]}
    assert used == {f.stem for f in (FOLDER / "parts").glob("*.toml")}


@pytest.mark.parametrize(
    ("wanted", "instead", "told"),
    [
        ('id = "table_header"', 'id = "another"', "its id is another"),
        ("[fields]\n", "[fields]\ndate_of_birth = []\n", "unknown field date_of_birth"),
        ('{ in = "reviewer"', '{ in = "preamble"', "no heading for section preamble"),
        (', "labelled_blocks"', "", "no items"),
        (', "determination_sections"', "", "labelled_blocks needs the section decisions"),
        ("[fields]\n", '[[items]]\nstyle = "haiku"\n[fields]\n', "unknown style of items haiku"),
        ("[fields]\n", '[headings]\npoem = "POEM"\n[fields]\n', "unknown section poem"),
        (r"Certification\(s\)\s*/", "Certification(s", "error"),
        ('title = "', 'name = "', "title"),
    ],
)
def test_a_spoilt_format_file_is_refused_by_name(wanted: str, instead: str, told: str, tmp_path: Path) -> None:
    whole = (FOLDER / "table_header.toml").read_text()
    assert wanted in whole
    file = tmp_path / "table_header.toml"
    file.write_text(whole.replace(wanted, instead))
    with pytest.raises(FormatFileError, match=f"table_header.toml: .*{told}"):
        load_format(file, FOLDER / "parts")


def test_outcomes_are_lower_case_and_of_the_three() -> None:
    assert len(outcome_words()) > 10
    assert all(printed == printed.lower() for printed in outcome_words())
    assert set(outcome_words().values()) == {"upheld", "overturned", "partially_overturned"}
