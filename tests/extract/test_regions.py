"""The region of each field on a letter's pages contains what was read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pdfplumber
import pytest

from extract.letters.fields import read_date
from extract.letters.parse import parse_letter
from extract.letters.regions import HEADING, LABEL, MARK, Region, find_regions
from extract.letters.registry import load_formats
from extract.lines import Document, Line, tidy
from extract.pdf_text.placed import Box, PlacedDocument, read_placed
from extract.record import LetterRecord
from tests.support.drawn_letters import draw_without
from tests.support.letters import draw_letter, faults, named_letters

LETTERS = named_letters()
LABELLED = {f.id for f in load_formats() if f.labels_in_bold}
SAMPLE = LETTERS["CM16-0300008"]
DATES = ("date_assigned", "date_of_injury", "decision_date", "ur_denial_date", "application_received")
PARTS = ("treatment_requested", "outcome", "claims_admin_guideline", "reviewer_guideline", "rationale")


class DrawnRegions:
    """A letter's regions, and the text that pdfplumber finds inside the boxes of each."""

    def __init__(self, pdf: bytes) -> None:
        self.pdf = pdf
        self.placed: PlacedDocument = read_placed(pdf, max_pages=20)
        self.regions = find_regions(self.placed.document)

    def parse(self) -> LetterRecord:
        return parse_letter(self.placed.document, letter_id="0", source_name="letter.pdf")

    def find_boxes(self, region: Region) -> list[Box]:
        return list(self.placed.find_boxes(region.start, region.end))

    def read_inside(self) -> Iterator[tuple[Region, str]]:
        with pdfplumber.open(io.BytesIO(self.pdf)) as pdf:
            for region in self.regions:
                texts = [self._crop(pdf.pages[box.page - 1], box) for box in self.find_boxes(region)]
                yield region, tidy("\n".join(texts))

    @staticmethod
    def _crop(page: pdfplumber.page.Page, box: Box) -> str:
        return page.crop((box.x0 + 0.1, box.top + 0.1, box.x1 - 0.1, box.bottom - 0.1)).extract_text()


@pytest.mark.parametrize("name", [name for name, made in LETTERS.items() if made.layout in LABELLED])
def test_each_region_contains_what_was_read(name: str) -> None:
    drawn = DrawnRegions(draw_letter(LETTERS[name]))
    record = drawn.parse()
    found: dict[tuple[str, int | None], str] = {}
    for region, inside in drawn.read_inside():
        if region.kind not in (HEADING, LABEL):
            key = (region.name, region.decision)
            found[key] = f"{found[key]}, {inside}" if key in found else inside
    for key in ("case_number", "priority", "clinical_case_summary"):
        assert found.pop((key, None), None) == getattr(record, key)
    for key in DATES:
        day = found.pop((key, None), "")
        assert read_date(day) == getattr(record, key)
    states = found.pop(("licensure_states", None)).replace(" and ", ",")
    assert [s.strip() for s in states.split(",")] == list(record.licensure_states)
    assert found.pop(("specialties", None)) == ", ".join(record.specialties)
    assert found.pop(("patient_age", None)) == str(record.patient_age)
    sexes = {"male": ("male", "man", "he", "his"), "female": ("female", "woman", "she", "her")}
    assert found.pop(("patient_sex", None)).lower() in sexes[record.patient_sex]
    listed = found.pop(("diagnoses", None), "")
    assert [diagnosis for diagnosis in record.diagnoses if diagnosis not in listed] == []
    assert bool(listed) is bool(record.diagnoses)
    for decision in record.decisions:
        for part in PARTS:
            inside = found.pop((part, decision.decision_number))
            read = getattr(decision, part)
            assert inside == read or (part == "outcome" and inside.lower() == read), part
    assert not found


@pytest.mark.parametrize("layout", ["letterhead", "notice_2013", "professional_review"])
def test_formats_without_labelled_blocks_have_regions_too(layout: str) -> None:
    sentences = replace(
        SAMPLE.decisions[1],
        claims_admin_guideline="The Claims Administrator based its decision on the MTUS.",
        reviewer_guideline="The Expert Reviewer based his/her decision on the MTUS.",
    )
    decisions = (sentences, replace(sentences, treatment="Cane"))
    drawn = DrawnRegions(draw_letter(replace(SAMPLE, layout=layout, decisions=decisions)))
    found = {(region.name, region.decision): inside for region, inside in drawn.read_inside()}
    for decision in drawn.parse().decisions:
        for part in ("treatment_requested", "reviewer_guideline", "rationale"):
            assert found[part, decision.decision_number] == getattr(decision, part)
    assert found["clinical_case_summary", None] == drawn.parse().clinical_case_summary


@pytest.mark.parametrize("place", ["inside_heading", "outcome", "claims_admin", "rationale", "inside_rationale"])
@pytest.mark.parametrize("name", ["CM16-0300008", "CM13-0300017"])
def test_an_item_over_a_page_break_has_boxes_on_both_pages(name: str, place: str) -> None:
    first, *_ = LETTERS[name].decisions
    long = replace(
        first,
        treatment="Chiropractic manipulation of the lower back and the left hip with warmth, twelve visits over six "
        "weeks, and a visit to judge progress",
        shape=None, original=None, authorized=None,
    )  # fmt: skip
    drawn = DrawnRegions(draw_letter(replace(LETTERS[name], decisions=(long,)), break_before=place))
    pages = {r.name: {b.page for b in drawn.find_boxes(r)} for r in drawn.regions if r.decision == 1}
    assert set(pages) == set(PARTS)
    assert set.union(*pages.values()) == {1, 2}
    split = {"inside_heading": {"treatment_requested"}, "inside_rationale": {"rationale"}}.get(place, set())
    assert {part for part, on in pages.items() if on == {1, 2}} == split


def test_a_page_footer_inside_a_field_has_no_box() -> None:
    lines = (Line("It is not medically", 1), Line("          ", 1), Line("necessary.", 2))
    place = (10.0, 10.0, 16.0, 22.0)
    placed = PlacedDocument(Document(lines, 2, "test"), tuple((place,) * len(line.text) for line in lines))
    assert list(placed.find_boxes(0, 41)) == [Box(1, *place), Box(2, *place)]


def test_the_regions_above_a_missing_heading_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = DrawnRegions(draw_without(monkeypatch, SAMPLE, "CLINICAL CASE SUMMARY"))
    names = {r.name for r in drawn.regions}
    assert {"case_number", "priority", "reviewer", "licensure_states"} <= names
    assert not names & {"specialties", "clinical_case_summary", "treatment_requested"}


def test_the_labels_of_an_incomplete_decision_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = DrawnRegions(draw_without(monkeypatch, SAMPLE, "MAXIMUS guideline:"))
    assert [r.name for r in drawn.regions if r.kind == LABEL].count("rationale") == 3
    assert not any(r.decision for r in drawn.regions)
    assert "clinical_case_summary" in {r.name for r in drawn.regions}


def test_the_marks_of_an_unknown_format_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = DrawnRegions(draw_without(monkeypatch, SAMPLE, "Certification(s)/Specialty:"))
    assert {r.kind for r in drawn.regions} == {MARK, HEADING}
    assert not DrawnRegions(faults.not_a_letter()).regions
