"""`imr show` and `imr explain`: a letter told and drawn for a person."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pdfplumber
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from extract.letters.regions import Region
from imr.cli import main
from imr.inspect import explain
from imr.inspect.explain_page import _Name, _spread, name_of
from imr.inspect.show import printable
from tests.support.drawn_letters import draw_without
from tests.support.letters import draw_letter, draw_text, faults, named_letters

MADE = named_letters()
SAMPLE = MADE["CM16-0300008"]
PROSE = "CM13-0300017"


def imr(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def stored(folder: Path, data: bytes | str, name: str = "letter.pdf") -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_show_tells_the_letter(tmp_path: Path) -> None:
    result = imr("show", stored(tmp_path, draw_letter(SAMPLE)))
    assert result.exit_code == 0, result.output
    for fact in (
        "letter.pdf", "table_header, 2 pages, by pdfium", "CM16-0300008", "partially overturned", "2016-05-03",
        "2016-11-29", "2017-01-12", "Standard", "Family Practice", "Florida, California", "66 years, female",
        "upheld, page 1", "overturned, page 2", "Omeprazole 20mg #30", "cites nothing", "finds it not necessary",
        "MTUS: Chronic Pain Medical Treatment 2016, Section(s): Muscle relaxants (for pain).",
    ):  # fmt: skip
        assert fact in result.output, fact
    told = [line.split(maxsplit=1) for line in result.output.splitlines()]
    assert ["requested", "Tizanidine 4mg #90"] in told
    assert ["authorized", "Tizanidine 4mg #30"] in told
    assert ["disputed", "Tizanidine 4mg #60"] in told


def test_show_tells_a_letter_kept_as_text(tmp_path: Path) -> None:
    result = imr("show", stored(tmp_path, draw_text(MADE["CM13-0300019"]), "letter.txt"))
    assert result.exit_code == 0, result.output
    assert "credentials_in_prose, 1 page, by text" in result.output
    assert "no number printed" in result.output
    assert "TENS UNIT, 30 DAY TRIAL RENTAL" in result.output


def test_show_tells_what_is_odd(tmp_path: Path) -> None:
    first, *others = SAMPLE.decisions
    made = replace(SAMPLE, decisions=(replace(first, outcome="Overturned"), *others))
    result = imr("show", stored(tmp_path, draw_letter(made)))
    assert "decision 1, decision_contradicted: overturned, but the rationale finds not_necessary" in result.output


def test_a_letters_text_is_neither_markup_nor_a_terminals_orders(tmp_path: Path) -> None:
    first, *others = SAMPLE.decisions
    treatment = "[bold red]Walker[/] with :smile: wheels [link=file:///etc]"
    made = replace(SAMPLE, decisions=(*others, replace(first, treatment=treatment, shape="B", original=None)))
    result = imr("show", stored(tmp_path, draw_letter(made)))
    assert result.exit_code == 0, result.output
    assert treatment in result.output
    assert printable("a\x1b[31mb\u202ec\n") == "a\ufffd[31mb\ufffdc\ufffd"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "zero_bytes"),
        (faults.not_a_letter(), "unknown_format"),
        (draw_letter(replace(SAMPLE, decisions=())), "decisions"),
        (
            draw_letter(replace(SAMPLE, decisions=(replace(SAMPLE.decisions[1], rationale=""),))),
            "incomplete_letter, page 1, rationale",
        ),
    ],
)
def test_show_tells_why_a_file_is_unreadable_in_one_line(data: bytes, words: str, tmp_path: Path) -> None:
    result = imr("show", stored(tmp_path, data))
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert words in result.output
    assert result.output.rstrip().endswith(")"), "the remedy stands in brackets"


def test_explain_draws_one_tall_picture(tmp_path: Path) -> None:
    letter, out = stored(tmp_path, draw_letter(SAMPLE)), tmp_path / "out.png"
    assert imr("explain", letter, "-o", out).exit_code == 0
    with Image.open(out) as picture:
        assert picture.format == "PNG"
        page_height = 11 * explain.RESOLUTION
        assert 2 * page_height < picture.height < 2 * page_height + 150
        colours = picture.convert("RGB").getcolors(1 << 24)
    assert colours is not None
    assert len(colours) > 50


@pytest.mark.parametrize("name", ["CM16-0300003", PROSE])
def test_explain_draws_a_page_a_page(name: str, tmp_path: Path) -> None:
    data, out = draw_letter(MADE[name]), tmp_path / "out.PDF"
    assert imr("explain", stored(tmp_path, data), "-o", out).exit_code == 0
    with pdfplumber.open(io.BytesIO(data)) as letter, pdfplumber.open(out) as drawn:
        assert len(drawn.pages) == len(letter.pages)
        assert drawn.pages[0].images


@pytest.mark.parametrize("heading", ["CLINICAL CASE SUMMARY", "MAXIMUS guideline:"])
def test_explain_draws_what_is_found_in_an_unreadable_letter(
    heading: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out = tmp_path / "out.png"
    result = imr("explain", stored(tmp_path, draw_without(monkeypatch, SAMPLE, heading)), "-o", out)
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    with Image.open(out) as picture:
        colours = {c for _, c in picture.convert("RGB").getcolors(1 << 24) or []}
    assert any(r > 180 and g < 20 and b < 20 for r, g, b in colours), "the reason is printed in red"


def test_explain_draws_a_scan_with_its_reason(tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    result = imr("explain", stored(tmp_path, faults.scan(draw_letter(SAMPLE))), "-o", out)
    assert result.exit_code == 1
    assert "no_text_layer" in result.output
    with pdfplumber.open(out) as drawn:
        assert len(drawn.pages) == 2


@pytest.mark.parametrize("fault", [faults.damaged, faults.locked])
def test_explain_does_not_open_what_cannot_be_drawn(fault: object, tmp_path: Path) -> None:
    assert callable(fault)
    out = tmp_path / "out.png"
    result = imr("explain", stored(tmp_path, fault(draw_letter(SAMPLE))), "-o", out)
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("name", "out", "status", "words"),
    [
        ("letter.txt", "out.png", 2, "has no pages to draw"),
        ("letter.pdf", "out.jpg", 2, "one of .png, .pdf"),
        ("letter.pdf", "nowhere/out.png", 1, "No such file"),
    ],
)
def test_explain_tells_what_does_not_fit(name: str, out: str, status: int, words: str, tmp_path: Path) -> None:
    result = imr("explain", stored(tmp_path, draw_letter(SAMPLE), name), "-o", tmp_path / out)
    assert result.exit_code == status
    assert words in result.output
    assert result.output.count("\n") == 1


def test_a_letter_of_many_pages_is_drawn_as_pdf_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(explain, "TALLEST", 1)
    letter = stored(tmp_path, draw_letter(SAMPLE))
    result = imr("explain", letter, "-o", tmp_path / "out.png")
    assert result.exit_code == 1
    assert "draw a PDF" in result.output
    assert imr("explain", letter, "-o", tmp_path / "out.pdf").exit_code == 0


def test_names_do_not_lie_over_each_other() -> None:
    names = [_Name(str(n), (0, 0, 0), (0, y), is_right=False) for n, y in enumerate([100, 104, 108, 398, 400])]
    _spread(names, 50, 400)
    tops = [n.top for n in names]
    assert all(b - a >= 18 for a, b in pairwise(tops))
    assert tops[0] >= 50
    assert tops[-1] + 18 <= 400


def test_a_name_says_decision_and_field() -> None:
    region = Region("claims_admin_guideline", 0, 1, decision=2, kind="claims_admin_guideline")
    assert name_of(region) == "2  claims admin guideline"
    assert name_of(region, continues=True) == "2  claims admin guideline (goes on)"
