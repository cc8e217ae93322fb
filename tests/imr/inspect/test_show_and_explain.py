"""`imr show` and `imr explain` on drawn letters, and on files that they cannot read."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pdfplumber
import pytest
from click.testing import CliRunner
from PIL import Image

from extract.letters.regions import Region
from extract.limits import Limits
from extract.pdf_text.placed import read_placed
from extract.read import read_letter
from extract.reasons import Reason, UnreadableError
from extract.samples import FILES
from imr.cli import main
from imr.inspect import explain
from imr.inspect.coded import CodedReason
from imr.inspect.explain import find_marked
from imr.inspect.explain_page import FLAG, REASON, _Name, _place_names, name_of
from imr.inspect.find_coded import find_coded
from imr.text import printable
from tests.support.drawn_letters import draw_without
from tests.support.home import Home
from tests.support.letters import draw_letter, draw_text, faults, named_letters

LETTERS = named_letters()
SAMPLE = LETTERS["CM16-0300008"]
PROSE = "CM13-0300017"


def run(*arguments: str | Path, status: int = 0) -> str:
    """Run a command; return its output, which is one line if it fails."""
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == status, result.output
    assert status == 0 or result.output.count("\n") == 1
    return result.output


def write(folder: Path, data: bytes | str, name: str = "letter.pdf") -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_show_prints_every_fact(tmp_path: Path) -> None:
    output = run("show", write(tmp_path, draw_letter(SAMPLE)))
    for fact in (
        "letter.pdf", "table_header, 2 pages, by pdfium", "CM16-0300008", "partially overturned", "2016-05-03",
        "2016-11-29", "2017-01-12", "Standard", "Family Practice", "Florida, California", "66 years, female",
        "upheld, page 1", "overturned, page 2", "Omeprazole 20mg #30", "cites nothing", "finds it not necessary",
        "MTUS: Chronic Pain Medical Treatment 2016, Section(s): Muscle relaxants (for pain).",
    ):  # fmt: skip
        assert fact in output, fact
    lines = [line.split(maxsplit=1) for line in output.splitlines()]
    assert ["requested", "Tizanidine 4mg #90"] in lines
    assert ["authorized", "Tizanidine 4mg #30"] in lines
    assert ["disputed", "Tizanidine 4mg #60"] in lines
    from_text = run("show", write(tmp_path, draw_text(LETTERS["CM13-0300019"]), "letter.txt"))
    for fact in ("credentials_in_prose, 1 page, by text", "no number printed", "TENS UNIT, 30 DAY TRIAL RENTAL"):
        assert fact in from_text, fact


@pytest.mark.slow
def test_show_and_explain_have_the_reasons_of_a_published_letter(loaded: Home, tmp_path: Path) -> None:
    letter, reason = find_argued_letter(loaded)
    environment = {"IMR_HOME": str(loaded.path)}
    shown = CliRunner().invoke(main, ["show", str(letter)], env=environment).output
    assert f"{reason.reason_name} (rule {reason.rule_id})" in shown
    assert str(reason.sentence) in shown
    contradictory = CliRunner().invoke(main, ["show", str(FILES / "CM16-0300009.pdf")], env=environment).output
    assert "guideline_body_part: " in contradictory, "coded by dbt"
    placed = read_placed(letter.read_bytes(), max_pages=20)
    marked = [m for m in find_marked(placed, [reason]) if m.region.kind == REASON]
    assert [m.region.decision for m in marked if m.is_named] == [reason.decision_number]
    found = placed.document.text[marked[0].region.start : marked[0].region.end]
    assert " ".join(found.split()) == reason.sentence
    done = CliRunner().invoke(main, ["explain", str(letter), "-o", str(tmp_path / "x.png")], env=environment)
    assert done.exit_code == 0, done.output


def test_explain_marks_the_date_that_contradicts_the_header() -> None:
    data = (FILES / "CM16-0300009.pdf").read_bytes()
    record = read_letter(FILES / "CM16-0300009.pdf")
    flag = next(flag for flag in record.flags if flag.code == "header_date")
    placed = read_placed(data, max_pages=20)
    (marked,) = [m for m in find_marked(placed, flags=[flag]) if m.region.kind == FLAG]
    printed = placed.document.text[marked.region.start : marked.region.end]
    assert printed in record.clinical_case_summary
    assert re.sub(r"(\d+)\D(\d+)\D(\d{4})", r"\3-\1-\2", printed) in flag.detail


def find_argued_letter(home: Home) -> tuple[Path, CodedReason]:
    """Return a PDF letter, and a reason of it that rests on a sentence."""
    letters = home.query("SELECT source_name, letter_id FROM raw.letters ORDER BY ALL")
    return next(
        (FILES / letter["source_name"], reason)
        for letter in letters
        if letter["source_name"].endswith(".pdf")
        for reason in find_coded(home.context.current, letter["letter_id"]).reasons
        if reason.sentence
    )


def test_show_prints_flags_and_markup_as_text(tmp_path: Path) -> None:
    first, *others = SAMPLE.decisions
    treatment = "[bold red]Walker[/] with :smile: wheels [link=file:///etc]"
    faulty = replace(first, outcome="Overturned", treatment=treatment, shape="B", original=None)
    output = run("show", write(tmp_path, draw_letter(replace(SAMPLE, decisions=(faulty, *others)))))
    assert "decision 1, outcome: overturned, but the rationale finds not_necessary" in output
    assert treatment in output
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
def test_show_prints_the_reason_of_an_unreadable_file(data: bytes, words: str, tmp_path: Path) -> None:
    output = run("show", write(tmp_path, data), status=1)
    assert words in output
    assert output.rstrip().endswith(")"), "the remedy is in brackets"


def test_explain_draws_one_png(tmp_path: Path) -> None:
    letter, out = write(tmp_path, draw_letter(SAMPLE)), tmp_path / "out.png"
    run("explain", letter, "-o", out)
    with Image.open(out) as picture:
        assert picture.format == "PNG"
        page_height = 11 * explain.RESOLUTION
        assert 2 * page_height < picture.height < 2 * page_height + 150
        assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 50


@pytest.mark.parametrize("name", ["CM16-0300003", PROSE])
def test_explain_draws_a_pdf_of_as_many_pages(name: str, tmp_path: Path) -> None:
    data, out = draw_letter(LETTERS[name]), tmp_path / "out.PDF"
    run("explain", write(tmp_path, data), "-o", out)
    with pdfplumber.open(io.BytesIO(data)) as letter, pdfplumber.open(out) as drawn:
        assert len(drawn.pages) == len(letter.pages)
        assert drawn.pages[0].images


@pytest.mark.parametrize("heading", ["CLINICAL CASE SUMMARY", "MAXIMUS guideline:"])
def test_explain_draws_an_incomplete_letter_with_its_reason(
    heading: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out = tmp_path / "out.png"
    run("explain", write(tmp_path, draw_without(monkeypatch, SAMPLE, heading)), "-o", out, status=1)
    with Image.open(out) as picture:
        colours = {c for _, c in picture.convert("RGB").getcolors(1 << 24) or []}
    assert any(r > 180 and g < 20 and b < 20 for r, g, b in colours), "the reason is printed in red"


def test_explain_draws_a_scan_and_no_damaged_or_locked_file(tmp_path: Path) -> None:
    data, out = draw_letter(SAMPLE), tmp_path / "out.pdf"
    for fault in (faults.damaged, faults.locked):
        run("explain", write(tmp_path, fault(data)), "-o", out, status=1)
        assert not out.exists()
    assert "no_text_layer" in run("explain", write(tmp_path, faults.scan(data)), "-o", out, status=1)
    with pdfplumber.open(out) as drawn:
        assert len(drawn.pages) == 2


def test_explain_rejects_other_formats_and_too_many_pages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    letter = write(tmp_path, draw_letter(SAMPLE))
    text = write(tmp_path, "a text", "letter.txt")
    for file, out, status, words in (
        (text, "out.png", 2, "has no pages to draw"),
        (letter, "out.jpg", 2, "one of .png, .pdf"),
        (letter, "nowhere/out.png", 1, "No such file"),
    ):
        assert words in run("explain", file, "-o", tmp_path / out, status=status)
    monkeypatch.setattr(explain, "MAX_PNG_PAGES", 1)  # passed to the process that draws
    assert "draw a PDF" in run("explain", letter, "-o", tmp_path / "out.png", status=1)


def test_explain_never_overwrites_the_letter(tmp_path: Path) -> None:
    data = draw_letter(SAMPLE)
    letter = write(tmp_path, data)
    assert "would overwrite the letter" in run("explain", letter, "-o", letter, status=2)
    assert letter.read_bytes() == data


def test_explain_is_held_to_the_limits_of_reading(tmp_path: Path) -> None:
    letter, out = write(tmp_path, draw_letter(SAMPLE)), tmp_path / "out.png"
    with pytest.raises(UnreadableError) as error:
        explain.explain(letter, read_letter(letter), out, Limits(reference_seconds=0.01))
    assert error.value.reason is Reason.TIMED_OUT
    assert not out.exists()


def test_names_do_not_overlap() -> None:
    names = [_Name(str(n), (0, 0, 0), (0, y), is_right=False) for n, y in enumerate([100, 104, 108, 398, 400])]
    _place_names(names, 50, 400)
    tops = [n.top for n in names]
    assert all(b - a >= 18 for a, b in pairwise(tops))
    assert tops[0] >= 50
    assert tops[-1] + 18 <= 400


def test_a_name_holds_decision_and_field() -> None:
    region = Region("claims_admin_guideline", 0, 1, decision=2, kind="claims_admin_guideline")
    assert name_of(region) == "2  claims admin guideline"
    assert name_of(region, continues=True) == "2  claims admin guideline (continued)"
