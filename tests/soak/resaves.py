"""`make soak-resaves`: rewrites letters as other programs save them; each has to give the untouched letter's record.

Not part of `make test`: it takes minutes, and uses Ghostscript, qpdf and poppler where they are installed.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pikepdf
from pypdf import PdfReader, PdfWriter

from extract.pool import ReadResult, read_letters
from extract.reasons import UnreadableError
from extract.record import LetterRecord
from tests.extract.test_mutations import SAMPLES
from tests.support.letters import draw_letter

Rewrite = Callable[[bytes], bytes]
DAMAGE = {"file_damaged", "fast_route_unsure", "routes_disagree", "audit_unfinished"}


def run_program(*command: str) -> Rewrite:
    """Return a rewrite by a program; `{0}` and `{1}` in its arguments are the letter and the result."""

    def rewrite(data: bytes) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder, "in.pdf"), Path(folder, "out.pdf")
            source.write_bytes(data)
            subprocess.run([word.format(source, target) for word in command], check=True, capture_output=True)
            return target.read_bytes()

    return rewrite


def save(data: bytes, change: Callable[[pikepdf.Pdf], None] = lambda _: None, **options: object) -> bytes:
    """Return a letter changed and saved by qpdf's library."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        pdf.save(out, **options)
    return out.getvalue()


def turn(angle: int) -> Rewrite:
    def change(pdf: pikepdf.Pdf) -> None:
        for page in pdf.pages:
            page.rotate(angle, relative=True)

    return lambda data: save(data, change)


def turn_content(angle: int) -> Rewrite:
    """Turn the page one way and what is drawn on it the other, so that it is shown upright."""
    matrices = {90: "0 1 -1 0 {0} 0", 180: "-1 0 0 -1 {0} {1}", 270: "0 -1 1 0 0 {1}"}

    def change(pdf: pikepdf.Pdf) -> None:
        for page in pdf.pages:
            x0, y0, x1, y1 = (float(number) for number in page.mediabox)
            width, height = (y1 - y0, x1 - x0) if angle != 180 else (x1 - x0, y1 - y0)
            matrix = matrices[angle].format(width, height)
            page.contents_add(f"q {matrix} cm".encode(), prepend=True)
            page.contents_add(b"Q")
            page.mediabox = [0, 0, width, height]
            page.cropbox = page.mediabox
            page.rotate(angle, relative=True)

    return lambda data: save(data, change)


def rename_bold(name: str) -> Rewrite:
    def change(pdf: pikepdf.Pdf) -> None:
        for entry in pdf.objects:
            if isinstance(entry, pikepdf.Dictionary):
                for key in ("/BaseFont", "/FontName"):
                    if "bold" in str(entry.get(key, "")).lower():
                        entry[key] = pikepdf.Name(name)
                if entry.get("/Type") == "/FontDescriptor":
                    entry["/Flags"] = 32

    return lambda data: save(data, change)


def save_by_pypdf(data: bytes) -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    for page in PdfReader(io.BytesIO(data)).pages:
        writer.add_page(page)
    writer.compress_identical_objects()
    writer.write(out)
    return out.getvalue()


BY_LIBRARIES: dict[str, Rewrite] = {
    "plain objects (qdf)": lambda data: save(data, qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable),
    "object streams": lambda data: save(data, object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "linearized": lambda data: save(data, linearize=True),
    "AES-256": lambda data: save(data, encryption=pikepdf.Encryption(owner="owner", user="", R=6)),
    "RC4": lambda data: save(
        data, encryption=pikepdf.Encryption(owner="owner", user="", R=3, aes=False, metadata=False)
    ),
    "pypdf": save_by_pypdf,
    "turned by 90": turn(90),
    "turned by 180": turn(180),
    "turned by 270": turn(270),
    "turned by 90, shown upright": turn_content(90),
    "turned by 180, shown upright": turn_content(180),
    "turned by 270, shown upright": turn_content(270),
    "bold called Medi": rename_bold("/NimbusRomNo9L-Medi"),
    "bold called Bd": rename_bold("/ABCDEF+TimesTenLTStd-Bd"),
    "bold without a name": rename_bold("/CIDFont+F1"),
}
_GHOSTSCRIPT = ("gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=pdfwrite", "-sOutputFile={1}")
BY_PROGRAMS: dict[str, tuple[str, ...]] = {
    "Ghostscript": (*_GHOSTSCRIPT, "{0}"),
    "Ghostscript, PDF/A": (*_GHOSTSCRIPT, "-dPDFA=2", "-sColorConversionStrategy=RGB", "{0}"),
    "cairo": ("pdftocairo", "-pdf", "{0}", "{1}"),
    "qpdf": ("qpdf", "--decrypt", "--qdf", "{0}", "{1}"),
    "mutool": ("mutool", "clean", "-D", "-gggg", "-z", "{0}", "{1}"),
}


def find_rewrites() -> dict[str, Rewrite]:
    """Return every rewrite that this machine can make."""
    installed = {name: run_program(*command) for name, command in BY_PROGRAMS.items() if shutil.which(command[0])}
    return {**BY_LIBRARIES, **installed}


def find_difference(before: ReadResult, after: ReadResult) -> str | None:
    """Return what a rewritten letter reads otherwise, or a flag for damage; `None` for an equal record."""
    if isinstance(before, UnreadableError) or isinstance(after, UnreadableError):
        is_same = isinstance(before, UnreadableError) and isinstance(after, UnreadableError)
        return None if is_same and before.reason == after.reason else str(after)
    if damage := {flag.code for flag in after.flags} & DAMAGE:
        return f"flagged {sorted(damage)}"
    ours, theirs = (vars(replace(record, **_IGNORED)) for record in (before, after))
    return next((f"{name}: {theirs[name]!r:.150}" for name in ours if ours[name] != theirs[name]), None)


_IGNORED: dict[str, object] = {"letter_id": "", "source_name": "", "extractor": "", "flags": ()}


def read_all(folder: Path, letters: Iterable[bytes]) -> list[ReadResult]:
    """Return the results of reading letters by worker processes, in their order."""
    paths = []
    for number, data in enumerate(letters):
        paths.append(folder / f"{number}.pdf")
        paths[-1].write_bytes(data)
    return [result for _, result in sorted(read_letters(paths, processes=2), key=lambda pair: pair[0])]


def compare(letters: list[bytes], folder: Path) -> Iterator[tuple[str, Counter[str], list[str]]]:
    """Yield for each rewrite its name, the counts of what became of the letters, and the differences."""
    before = read_all(folder, letters)
    for name, rewrite in find_rewrites().items():
        after = read_all(folder, map(rewrite, letters))
        counts, differences = Counter[str](), []
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            found = find_difference(one, other)
            counts["equal" if found is None else "different"] += 1
            if isinstance(other, LetterRecord):
                counts[f"by {other.extractor}"] += 1
                new = {flag.code for flag in other.flags} - {flag.code for flag in getattr(one, "flags", ())}
                counts.update(f"flagged {code}" for code in new)
            if found is not None:
                differences.append(f"letter {number}: {found}")
        yield name, counts, differences


def main(letters: list[bytes]) -> int:
    is_bad = False
    with tempfile.TemporaryDirectory() as folder:
        for name, counts, differences in compare(letters, Path(folder)):
            summary = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
            sys.stdout.write("\n    ".join([f"{name:30} {summary}", *differences[:5]]) + "\n")
            sys.stdout.flush()
            is_bad = is_bad or bool(differences)
    return int(is_bad)


if __name__ == "__main__":
    found = [path.read_bytes() for path in sorted(Path(sys.argv[1]).glob("*.pdf"))] if sys.argv[1:] else []
    raise SystemExit(main(found or [draw_letter(letter) for letter in SAMPLES.values()]))
