"""How fast letters are read: `make bench`, or `make bench LETTERS=/some/folder` for other letters than drawn ones.

Prints, in one run over the same letters: plain pdfplumber, pdfium's text alone, the whole fast route of this
project (read, hash, check, text, bold face, parse), and the worker processes with their memory.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pdfplumber
import psutil
import pypdfium2

from extract.letters.parse import parse_letter
from extract.pdf_text import fast
from extract.pool import read_letters
from extract.record import LetterRecord
from tests.support.letters import draw_letter, sample_letters

DRAWN = 125
ROUNDS = 7
"""Of the quick routes each letter's best of so many is taken: a machine is never idle."""
POOLED = 1000
"""Letters that the worker processes are given, so that their start does not count."""


def draw_letters(folder: Path, count: int = DRAWN, first: int = 0) -> list[Path]:
    """Draw the sample letters over and over, each time under another number, from `first` on."""
    made = [letter for letter in sample_letters() if letter.has_header_table]
    paths = []
    for number in range(first, first + count):
        letter = replace(made[number % len(made)], case_number=f"CM17-{number:07d}")
        paths.append(folder / f"{letter.case_number}.pdf")
        paths[-1].write_bytes(draw_letter(letter))
    return paths


def plain_pdfplumber(path: Path) -> None:
    """What most programs do."""
    with pdfplumber.open(path) as pdf:
        "\n".join(page.extract_text() for page in pdf.pages)


def pdfium_text(path: Path) -> None:
    """The same by pdfium, and nothing else."""
    pdf = pypdfium2.PdfDocument(path)
    for page in pdf:
        text_page = page.get_textpage()
        text_page.get_text_range()
        text_page.close()
        page.close()
    pdf.close()


def fast_route(path: Path) -> None:
    """All that this project does to a letter outside the audit, from the file to its record."""
    data = path.read_bytes()
    letter_id = hashlib.sha256(data).hexdigest()
    parse_letter(fast.read_lines(data, max_pages=200), letter_id=letter_id, source_name=path.name)


def milliseconds(paths: list[Path], *reads: Callable[[Path], None], rounds: int = ROUNDS) -> list[float]:
    """Milliseconds a letter of each way to read: round by round in turn, of every letter its best."""
    best = [[float("inf")] * len(paths) for _ in reads]
    for _ in range(rounds):
        for read, times in zip(reads, best, strict=True):
            for number, path in enumerate(paths):
                began = time.perf_counter()
                read(path)
                times[number] = min(times[number], time.perf_counter() - began)
    return [sum(times) * 1000 / len(paths) for times in best]


def pooled(paths: list[Path], processes: int) -> tuple[float, float]:
    """Letters a second through the worker processes, and the most memory that one of them held, in MiB."""
    many = (paths * (POOLED // len(paths) + 1))[:POOLED]
    began, most, read = time.perf_counter(), 0.0, 0
    for _, outcome in read_letters(many, processes=processes):
        read += isinstance(outcome, LetterRecord)
        if read % 100 == 0:
            most = max([most, *(peak(child) for child in psutil.Process().children())])
    seconds = time.perf_counter() - began
    if read < len(many):
        raise SystemExit(f"only {read} of {len(many)} letters could be read")
    return len(many) / seconds, most


def peak(process: psutil.Process) -> float:
    """Return the most memory that a process has held so far, in MiB, where the system tells; 0 for one that is gone."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0.0)


def told(paths: list[Path]) -> Iterable[str]:
    """Yield the lines of the report."""
    pages = sum(len(pypdfium2.PdfDocument(path)) for path in paths)
    yield f"{len(paths)} letters, {pages} pages, {sum(p.stat().st_size for p in paths) / len(paths) / 1024:.0f} kB each"
    pdfium, full = milliseconds(paths, pdfium_text, fast_route)
    (plain,) = milliseconds(paths, plain_pdfplumber, rounds=2)
    yield f"pdfplumber extract_text() alone    {plain:8.1f} ms a letter"
    yield f"pdfium text alone                  {pdfium:8.2f} ms a letter"
    yield f"the whole fast route               {full:8.2f} ms a letter"
    yield f"  times faster than pdfplumber     {plain / full:8.1f}    (goal: at least 25)"
    yield f"  times pdfium's own text          {full / pdfium:8.2f}    (goal: at most 1.4)"
    for processes in (1, 2):
        rate, memory = pooled(paths, processes)
        yield f"worker processes: {processes}                {rate:8.0f} letters a second"
        yield f"  most memory of a worker          {memory:8.0f} MiB"


def main(arguments: list[str]) -> None:
    """Measure the PDF letters of a folder, or drawn ones."""
    with tempfile.TemporaryDirectory() as folder:
        paths = sorted(Path(arguments[0]).glob("*.pdf")) if arguments else draw_letters(Path(folder))
        if not paths:
            raise SystemExit(f"{arguments[0]}: no PDF letter there")
        for line in told(paths):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
