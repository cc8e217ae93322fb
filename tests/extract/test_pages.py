"""The record is what the pages show: hidden text, other text under it, turned pages, other hyphens, other bold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from reportlab.lib.colors import black, white
from reportlab.pdfgen.canvas import Canvas

from extract.lines import Document, Line, tidy
from extract.pdf_text import integrity
from extract.pdf_text.bold import is_bold_font
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord
from tests.extract.conftest import parse_text, read_bytes
from tests.soak.resaves import BY_LIBRARIES, find_difference
from tests.support.letters import draw_letter, draw_text, named_letters
from tests.support.letters.edited_pages import add_content, edit, overlay

LETTERS = named_letters()
A_LETTER = draw_letter(LETTERS["CM16-0300005"])
LAST = 1
"""The page whose lower half is empty."""
NAME = b"Pat Q. Sample"
TEXT = b"BT /F9 12 Tf 72 604 Td (%s is one more sentence.) Tj ET" % NAME


def find_codes(record: LetterRecord) -> set[str]:
    return {flag.code for flag in record.flags}


def assert_same_facts(record: LetterRecord, other: LetterRecord) -> None:
    ignored = {"letter_id": "", "extractor": "", "flags": ()}
    assert replace(record, **ignored) == replace(other, **ignored)


@pytest.fixture
def untouched(tmp_path: Path) -> LetterRecord:
    return read_bytes(tmp_path, A_LETTER)


def in_a_layer_that_is_off(letter: bytes) -> bytes:
    def change(pdf: pikepdf.Pdf) -> None:
        layer = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="layer"))
        settings = pikepdf.Dictionary(OFF=[layer])
        pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=[layer], D=settings)
        pdf.pages[LAST].obj.Resources["/Properties"] = pikepdf.Dictionary(L0=layer)

    return edit(add_content(letter, b"/OC /L0 BDC " + TEXT + b" EMC", LAST), change)


def outside_the_crop_box(letter: bytes) -> bytes:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[LAST].cropbox = [0, 618, 612, 792]

    return edit(add_content(letter, TEXT, LAST), change)


def without_opacity(letter: bytes) -> bytes:
    def change(pdf: pikepdf.Pdf) -> None:
        states = pikepdf.Dictionary(Clear=pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, ca=0))
        pdf.pages[LAST].obj.Resources["/ExtGState"] = states

    return edit(add_content(letter, b"/Clear gs " + TEXT, LAST), change)


HIDDEN: dict[str, Callable[[bytes], bytes] | bytes] = {
    "white": b"1 g " + TEXT,
    "white, of three colours": b"1 1 1 rg " + TEXT,
    "white, of four colours": b"0 0 0 0 k " + TEXT,
    "nearly white": b"0.98 g\n" + TEXT,
    "without ink": b"3 Tr " + TEXT,
    "below the page": TEXT.replace(b"72 604 Td", b"72 -40 Td"),
    "left of the page": TEXT.replace(b"72 604 Td", b"-400 604 Td"),
    "right of the page": TEXT.replace(b"72 604 Td", b"700 624 Td"),
    "clipped": b"0 0 1 1 re W n " + TEXT,
    "covered in white": TEXT + b" 1 g 60 594 400 26 re f",
    "covered in grey": TEXT + b" 0.9 g\n60 594 400 26 re f",
    "too small": TEXT.replace(b"12 Tf", b"0.4 Tf"),
    "in a layer that is off": in_a_layer_that_is_off,
    "outside the crop box": outside_the_crop_box,
    "without opacity": without_opacity,
}


@pytest.mark.parametrize("how", HIDDEN)
def test_text_that_cannot_be_seen_is_left_out_and_flagged(how: str, untouched: LetterRecord, tmp_path: Path) -> None:
    hide = HIDDEN[how]
    record = read_bytes(tmp_path, add_content(A_LETTER, hide, LAST) if isinstance(hide, bytes) else hide(A_LETTER))
    assert_same_facts(record, untouched)
    assert "text_hidden" in find_codes(record)
    assert not any(NAME.decode() in flag.detail for flag in record.flags)


BLACKED_OUT = {
    "a box over it": TEXT + b" 0 g 60 594 400 26 re f",
    "a box behind it": b"0 g 60 594 400 26 re f " + TEXT,
    "a thick line over it": TEXT + b" 26 w 60 607 m 460 607 l S",
}


@pytest.mark.parametrize("how", BLACKED_OUT)
def test_text_that_is_only_blacked_out_is_set_aside(how: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as error:
        read_bytes(tmp_path, add_content(A_LETTER, BLACKED_OUT[how], LAST))
    assert error.value.reason is Reason.IDENTITY_FOUND
    assert NAME.decode() not in str(error.value)


def test_hidden_text_that_names_somebody_is_set_aside(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as error:
        read_bytes(tmp_path, add_content(A_LETTER, b"1 g " + TEXT.replace(NAME, b"Dear Mr. Sample"), LAST))
    assert error.value.reason is Reason.IDENTITY_FOUND


def test_text_that_can_be_seen_is_read_whatever_its_colour(untouched: LetterRecord, tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFillColor(black)
        canvas.rect(60, 600, 300, 20, stroke=0, fill=1)
        canvas.setFillColor(white)
        canvas.setFont("Times-Roman", 12)
        canvas.drawString(72, 606, "This is in white on black.")

    record = read_bytes(tmp_path, overlay(A_LETTER, draw, LAST))
    assert record.decisions[-1].rationale == f"{untouched.decisions[-1].rationale} This is in white on black."
    assert "text_hidden" not in find_codes(record)


def test_a_picture_beside_the_text_changes_nothing(untouched: LetterRecord, tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rect(72, 300, 300, 30, stroke=1, fill=1)
        canvas.line(72, 400, 500, 400)

    record = read_bytes(tmp_path, overlay(A_LETTER, draw, LAST))
    assert_same_facts(record, untouched)
    assert (record.extractor, record.flags) == ("pdfium", ())


def test_text_that_replaces_what_is_drawn_is_not_read(untouched: LetterRecord, tmp_path: Path) -> None:
    added = b"/Span <</ActualText (It is denied.)>> BDC " + TEXT.replace(NAME, b"This") + b" EMC"
    record = read_bytes(tmp_path, add_content(A_LETTER, added, LAST))
    assert record.decisions[-1].rationale == f"{untouched.decisions[-1].rationale} This is one more sentence."
    assert "text_replaced" in find_codes(record)


def test_lines_are_read_as_they_stand_not_as_they_are_drawn(untouched: LetterRecord, tmp_path: Path) -> None:
    """The page shows two sentences; the second is drawn first."""
    show = b"BT /F9 12 Tf 72 %d Td (%s) Tj ET "
    added = show % (592, b"Then it ends.") + show % (606, b"It goes on.")
    record = read_bytes(tmp_path, add_content(A_LETTER, added, LAST))
    assert record.decisions[-1].rationale == f"{untouched.decisions[-1].rationale} It goes on. Then it ends."
    assert "text_out_of_order" in find_codes(record)


def annotate(letter: bytes, kind: str, contents: str) -> bytes:
    def change(pdf: pikepdf.Pdf) -> None:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name(f"/{kind}"), Rect=[72, 300, 300, 330], Contents=contents
        )
        pdf.pages[LAST].obj["/Annots"] = pikepdf.Array([pdf.make_indirect(note)])

    return edit(letter, change)


@pytest.mark.parametrize(
    ("kind", "contents", "codes"),
    [("FreeText", "CORRECTION: Overturned", {"annotated"}), ("Stamp", "", {"annotated"}), ("Link", "", set())],
)
def test_what_is_written_on_a_page_is_flagged(
    kind: str, contents: str, codes: set[str], untouched: LetterRecord, tmp_path: Path
) -> None:
    record = read_bytes(tmp_path, annotate(A_LETTER, kind, contents))
    assert_same_facts(record, untouched)
    assert find_codes(record) == codes


@pytest.mark.parametrize(("kind", "contents"), [("Text", "Dear Mr. Sample"), ("Redact", "")])
def test_an_annotation_that_names_or_covers_somebody_is_set_aside(kind: str, contents: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as error:
        read_bytes(tmp_path, annotate(A_LETTER, kind, contents))
    assert error.value.reason is Reason.IDENTITY_FOUND


@pytest.mark.parametrize("name", BY_LIBRARIES)
def test_a_rewritten_letter_gives_the_same_record(name: str, untouched: LetterRecord, tmp_path: Path) -> None:
    # The library gives the file another id each time, and with it a place in the audit's sample or none.
    record = read_bytes(tmp_path, BY_LIBRARIES[name](A_LETTER), may_audit=False)
    assert find_difference(untouched, record) is None


def test_bold_is_not_needed_where_only_a_stamp_has_it(untouched: LetterRecord, tmp_path: Path) -> None:
    def stamp(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 8)
        canvas.drawString(500, 20, "DOC 000017")

    record = read_bytes(tmp_path, overlay(BY_LIBRARIES["bold without a name"](A_LETTER), stamp))
    assert [d.outcome for d in record.decisions] == [d.outcome for d in untouched.decisions]
    assert "fonts_not_trusted" in find_codes(record)


@pytest.mark.parametrize(
    ("name", "weight", "expected"),
    [("TimesNewRomanPSMT", 645, False), ("TimesNewRomanPS-BoldMT", 645, True), ("F1", 400, False), ("F2", 728, True)],
)
def test_a_regular_font_with_thick_stems_is_not_bold(name: str, weight: float, expected: bool) -> None:
    assert is_bold_font(name, 0, weight) is expected


def test_widths_in_an_object_of_their_own_are_no_damage() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        widths = pikepdf.Array([1, 12, 500, 13, pikepdf.Array([250, 333])])
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, W=pdf.make_indirect(widths))
        pdf.Root["/Spare"] = pdf.make_indirect(font)

    assert list(integrity.find_faults(edit(A_LETTER, change))) == []


def test_streams_without_a_filter_are_no_damage_where_qpdf_decides() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root["/Spare"] = pdf.make_indirect(pikepdf.Array([1, 1234567]))  # the fast check takes it for widths

    plain = BytesIO()
    with pikepdf.open(BytesIO(edit(A_LETTER, change))) as pdf:
        pdf.save(plain, stream_decode_level=pikepdf.StreamDecodeLevel.generalized, compress_streams=False)
    assert b"/Filter" not in plain.getvalue()
    assert list(integrity.find_faults(plain.getvalue())) == []


PROSE = draw_text(LETTERS["CM14-0300020"])


@pytest.mark.parametrize("mark", ["\u2010", "\u2011", "\u2212", "-\u200b", "\ufeff-", "\u2060-"])
def test_hyphens_that_look_alike_are_read_alike(mark: str) -> None:
    assert "-" in PROSE
    record, other = parse_text(PROSE), parse_text(PROSE.replace("-", mark))
    assert_same_facts(other, record)
    assert other.flags == record.flags


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["not medi\u00ad", "cally necessary"], "not medically necessary"),
        (["not medi\u2010", "cally necessary"], "not medically necessary"),
        (["a 51\u2010year\u2010old, Non\u2010", "MTUS"], "a 51-year-old, Non-MTUS"),
        (["anti\u00adinflam\u00admatory Non-", "MTUS"], "antiinflammatory Non-MTUS"),
    ],
)
def test_a_hyphen_that_breaks_a_word_goes_and_one_within_it_stays(lines: list[str], text: str) -> None:
    document = Document.make([Line(line, 1) for line in lines], 1, "text")
    assert tidy(document.text) == text
