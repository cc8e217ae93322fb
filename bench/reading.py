"""Speed of reading letters: `make bench`, or `make bench LETTERS=/some/folder` for the PDF letters of a folder.

Measures, in one run over the same letters: plain pdfplumber, pdfium's text alone, the whole fast route of this
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
"""Rounds of the fast routes, of which each letter's best time counts, as a machine is never idle."""
POOLED = 1000
"""Letters read by the worker processes, so many that their start does not count."""


def draw_letters(folder: Path, count: int = DRAWN, first: int = 0) -> list[Path]:
    """Draw the sample letters repeatedly, with case numbers counted from `first`; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = [letter for letter in sample_letters() if letter.has_header_table]
    paths = []
    for number in range(first, first + count):
        letter = replace(letters[number % len(letters)], case_number=f"CM17-{number:07d}")
        paths.append(folder / f"{letter.case_number}.pdf")
        paths[-1].write_bytes(draw_letter(letter))
    return paths


def read_by_pdfplumber(path: Path) -> None:
    """Extract the text by pdfplumber, as most programs do."""
    with pdfplumber.open(path) as pdf:
        "\n".join(page.extract_text() for page in pdf.pages)


def read_by_pdfium(path: Path) -> None:
    """Extract the text by pdfium, and nothing else."""
    pdf = pypdfium2.PdfDocument(path)
    for page in pdf:
        text_page = page.get_textpage()
        text_page.get_text_range()
        text_page.close()
        page.close()
    pdf.close()


def read_by_fast_route(path: Path) -> None:
    """Read a letter from its file to its record, without the audit."""
    data = path.read_bytes()
    letter_id = hashlib.sha256(data).hexdigest()
    parse_letter(fast.read_lines(data, max_pages=200), letter_id=letter_id, source_name=path.name)


def measure_milliseconds(paths: list[Path], *reads: Callable[[Path], None], rounds: int = ROUNDS) -> list[float]:
    """Return the milliseconds per letter of each way to read, in alternating rounds, from each letter's best time."""
    best = [[float("inf")] * len(paths) for _ in reads]
    for _ in range(rounds):
        for read, times in zip(reads, best, strict=True):
            for number, path in enumerate(paths):
                began = time.perf_counter()
                read(path)
                times[number] = min(times[number], time.perf_counter() - began)
    return [sum(times) * 1000 / len(paths) for times in best]


def measure_pool(paths: list[Path], processes: int) -> tuple[float, float]:
    """Return the letters per second of the worker processes, and the peak memory of one of them in MiB."""
    many = (paths * (POOLED // len(paths) + 1))[:POOLED]
    began, most, read = time.perf_counter(), 0.0, 0
    for _, outcome in read_letters(many, processes=processes):
        read += isinstance(outcome, LetterRecord)
        if read % 100 == 0:
            most = max([most, *(find_peak(child) for child in psutil.Process().children())])
    seconds = time.perf_counter() - began
    if read < len(many):
        raise SystemExit(f"only {read} of {len(many)} letters could be read")
    return len(many) / seconds, most


def find_peak(process: psutil.Process) -> float:
    """Return the peak memory of a process in MiB; 0 where it has ended or the system does not report it."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0.0)


def make_report(paths: list[Path]) -> Iterable[str]:
    """Yield the lines of the report."""
    pages = sum(len(pypdfium2.PdfDocument(path)) for path in paths)
    yield f"{len(paths)} letters, {pages} pages, {sum(p.stat().st_size for p in paths) / len(paths) / 1024:.0f} kB each"
    pdfium, full = measure_milliseconds(paths, read_by_pdfium, read_by_fast_route)
    (plain,) = measure_milliseconds(paths, read_by_pdfplumber, rounds=2)
    yield f"pdfplumber extract_text() alone    {plain:8.1f} ms per letter"
    yield f"pdfium text alone                  {pdfium:8.2f} ms per letter"
    yield f"the whole fast route               {full:8.2f} ms per letter"
    yield f"  times faster than pdfplumber     {plain / full:8.1f}    (goal: at least 25)"
    yield f"  times pdfium's own text          {full / pdfium:8.2f}    (goal: at most 1.4)"
    for processes in (1, 2):
        rate, memory = measure_pool(paths, processes)
        yield f"worker processes: {processes}                {rate:8.0f} letters per second"
        yield f"  peak memory of a worker          {memory:8.0f} MiB"


def main(arguments: list[str]) -> None:
    """Measure the PDF letters of a folder, or drawn ones."""
    with tempfile.TemporaryDirectory() as folder:
        paths = sorted(Path(arguments[0]).glob("*.pdf")) if arguments else draw_letters(Path(folder))
        if not paths:
            raise SystemExit(f"{arguments[0]}: no PDF letter there")
        for line in make_report(paths):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
