"""`make soak`: thousands of spoilt letters and the hostile files through the worker processes, each accounted for.

Not part of `make test`: it takes minutes. Ends with an error if a spoilt letter is read as another clean one, or
if a file has no ending.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from random import Random

import psutil

from bench.reading import peak
from extract.limits import MIB, Limits
from extract.pool import ReadResult, read_letters
from extract.reasons import UnreadableError
from tests.extract import mutate
from tests.extract.test_mutations import SAMPLES
from tests.extract.test_pool import FIXTURES
from tests.support.letters import draw_letter

COUNT = 2000
SEED = 1
LIMITS = Limits(max_bytes=10 * MIB, worker_bytes=700 * MIB)


def ending(outcome: ReadResult, was: ReadResult) -> str:
    if isinstance(outcome, UnreadableError):
        return str(outcome.reason)
    if isinstance(was, UnreadableError):
        return "read"
    if new := {flag.code for flag in outcome.flags} - {flag.code for flag in was.flags}:
        return f"read, flagged {sorted(new)[0]}"
    return "ANOTHER CLEAN LETTER" if mutate.clean_difference(was, outcome) else "read as before"


class Memory(threading.Thread):
    """Looks ten times a second at how much the workers have held."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = 0.0
        self.start()

    def run(self) -> None:
        while True:
            self.most = max([self.most, *(peak(child) for child in psutil.Process().children())])
            time.sleep(0.1)


def spoilt_letters(folder: Path, letters: list[bytes]) -> list[Path]:
    chance, paths = Random(SEED), []  # noqa: S311 - repeatable, not secret
    for number in range(COUNT):
        spoil = chance.choice(mutate.BYTE_MUTATIONS)
        paths.append(folder / f"{number} {spoil.__name__}.pdf")
        paths[-1].write_bytes(spoil(letters[number % len(letters)], chance))
    return paths


def hostile_files(folder: Path) -> list[Path]:
    paths = []
    for fault, (name, data, *_) in FIXTURES.items():
        paths.append(folder / f"{fault}{Path(name).suffix}")
        paths[-1].write_bytes(data)
    return paths


def whole_letters(folder: Path, letters: list[bytes]) -> list[ReadResult]:
    paths = [folder / f"whole {number}.pdf" for number in range(len(letters))]
    for path, data in zip(paths, letters, strict=True):
        path.write_bytes(data)
    return [outcome for _, outcome in sorted(read_letters(paths, LIMITS, processes=2), key=lambda pair: pair[0])]


def main(folder: Path, letters: list[bytes]) -> int:
    was = whole_letters(folder, letters)
    paths = [*spoilt_letters(folder, letters), *hostile_files(folder)]
    memory, began = Memory(), time.monotonic()
    endings, bad = Counter[str](), []
    for index, outcome in read_letters(paths, LIMITS, processes=2):
        end = ending(outcome, was[index % len(letters)]) if index < COUNT else f"hostile: {ending(outcome, outcome)}"
        endings[end] += 1
        if end.startswith(("ANOTHER", "hostile: read")):
            bad.append(f"{paths[index].name}: {end}")
    lines = [f"{count:6d}  {end}" for end, count in sorted(endings.items())]
    lines.append(f"{len(paths)} files, {endings.total()} endings, {time.monotonic() - began:.0f} s")
    lines.append(
        f"most memory of a worker: {memory.most:.0f} MiB (limit: {LIMITS.worker_bytes // MIB} of address space)"
    )
    sys.stdout.write("\n".join([*lines, *bad]) + "\n")
    return int(bool(bad) or endings.total() != len(paths))


if __name__ == "__main__":
    found = [path.read_bytes() for path in sorted(Path(sys.argv[1]).glob("*.pdf"))] if sys.argv[1:] else []
    with tempfile.TemporaryDirectory() as made:
        raise SystemExit(main(Path(made), found or [draw_letter(letter) for letter in SAMPLES.values()]))
