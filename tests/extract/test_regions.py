"""Where each field of a letter stands: on its pages is what was read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pdfplumber
import pytest

from extract.letters.fields import read_date
from extract.letters.parse import parse_letter
from extract.letters.regions import HEADING, LABEL, MARK, Region, find_regions
from extract.lines import Document, Line, tidy
from extract.pdf_text.placed import Box, PlacedDocument, read_placed
from extract.record import LetterRecord
from imr.samples import draw_letter, faults, named_letters
from imr.samples.letter import Layout
from tests.drawn import without

LAYOUTS = ("table_header", "credentials_in_prose")
MADE = {name: letter for name, letter in named_letters().items() if letter.layout in LAYOUTS}
SAMPLE = MADE["CM16-0300008"]
PROSE = "CM13-0300017"
DATES = ("date_assigned", "date_of_injury", "decision_date", "ur_denial_date", "application_received")
PARTS = ("treatment_requested", "outcome", "claims_admin_guideline", "reviewer_guideline", "rationale")


class Seen:
    """A letter's regions, and the text that pdfplumber finds inside the boxes of each."""

    def __init__(self, pdf: bytes) -> None:
        self.pdf = pdf
        self.placed: PlacedDocument = read_placed(pdf, max_pages=20)
        self.regions = find_regions(self.placed.document)

    def record(self) -> LetterRecord:
        return parse_letter(self.placed.document, letter_id="0", source_name="letter.pdf")

    def boxes(self, region: Region) -> list[Box]:
        return list(self.placed.find_boxes(region.start, region.end))

    def inside(self) -> Iterator[tuple[Region, str]]:
        with pdfplumber.open(io.BytesIO(self.pdf)) as pdf:
            for region in self.regions:
                texts = [self._crop(pdf.pages[box.page - 1], box) for box in self.boxes(region)]
                yield region, tidy("\n".join(texts))

    @staticmethod
    def _crop(page: pdfplumber.page.Page, box: Box) -> str:
        return page.crop((box.x0 + 0.1, box.top + 0.1, box.x1 - 0.1, box.bottom - 0.1)).extract_text()


@pytest.mark.parametrize("name", sorted(MADE))
def test_inside_each_region_stands_what_was_read(name: str) -> None:
    seen = Seen(draw_letter(MADE[name]))
    record = seen.record()
    found: dict[tuple[str, int | None], str] = {}
    for region, inside in seen.inside():
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
    assert found.pop(("patient_sex", None)) in (
        "male",
        "female",
        "man",
        "woman",
        "he",
        "she",
        "his",
        "her",
        "He",
        "She",
    )
    for decision in record.decisions:
        for part in PARTS:
            inside = found.pop((part, decision.decision_number))
            read = getattr(decision, part)
            assert inside == read or (part == "outcome" and inside.lower() == read), part
    assert not found


@pytest.mark.parametrize("layout", ["letterhead", "notice_2013", "professional_review"])
def test_layouts_without_labelled_blocks_have_their_regions_too(layout: Layout) -> None:
    sentences = replace(
        SAMPLE.decisions[1],
        claims_admin_guideline="The Claims Administrator based its decision on the MTUS.",
        reviewer_guideline="The Expert Reviewer based his/her decision on the MTUS.",
    )
    seen = Seen(
        draw_letter(replace(SAMPLE, layout=layout, decisions=(sentences, replace(sentences, treatment="Cane"))))
    )
    found = {(region.name, region.decision): inside for region, inside in seen.inside()}
    for decision in seen.record().decisions:
        for part in ("treatment_requested", "reviewer_guideline", "rationale"):
            assert found[part, decision.decision_number] == getattr(decision, part)
    assert found["clinical_case_summary", None] == seen.record().clinical_case_summary


@pytest.mark.parametrize("place", ["inside_heading", "outcome", "claims_admin", "rationale", "inside_rationale"])
@pytest.mark.parametrize("name", ["CM16-0300008", PROSE])
def test_an_item_over_a_page_break_has_boxes_on_both_pages(name: str, place: str) -> None:
    first, *_ = MADE[name].decisions
    long = replace(
        first,
        treatment="Chiropractic manipulation of the lower back and the left hip with warmth, twelve visits over six "
        "weeks, and a visit to judge progress",
        shape=None, original=None, authorized=None,
    )  # fmt: skip
    seen = Seen(draw_letter(replace(MADE[name], decisions=(long,)), break_before=place))
    pages = {r.name: {b.page for b in seen.boxes(r)} for r in seen.regions if r.decision == 1}
    assert set(pages) == set(PARTS)
    assert set.union(*pages.values()) == {1, 2}
    split = {"inside_heading": {"treatment_requested"}, "inside_rationale": {"rationale"}}.get(place, set())
    assert {part for part, on in pages.items() if on == {1, 2}} == split


def test_a_pages_foot_inside_a_field_is_not_boxed() -> None:
    lines = (Line("It is not medically", 1), Line("          ", 1), Line("necessary.", 2))
    place = (10.0, 10.0, 16.0, 22.0)
    placed = PlacedDocument(Document(lines, 2, "test"), tuple((place,) * len(line.text) for line in lines))
    assert list(placed.find_boxes(0, 41)) == [Box(1, *place), Box(2, *place)]


def test_of_a_letter_without_a_heading_what_stands_above_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(without(monkeypatch, SAMPLE, "CLINICAL CASE SUMMARY"))
    names = {r.name for r in seen.regions}
    assert {"case_number", "priority", "reviewer", "licensure_states"} <= names
    assert not names & {"specialties", "clinical_case_summary", "treatment_requested"}


def test_of_an_incomplete_decision_the_labels_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(without(monkeypatch, SAMPLE, "MAXIMUS guideline:"))
    assert [r.name for r in seen.regions if r.kind == LABEL].count("rationale") == 3
    assert not any(r.decision for r in seen.regions)
    assert "clinical_case_summary" in {r.name for r in seen.regions}


def test_of_no_known_layout_the_marks_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen(without(monkeypatch, SAMPLE, "Certification(s)/Specialty:"))
    assert {r.kind for r in seen.regions} == {MARK, HEADING}
    assert not Seen(faults.not_a_letter()).regions
