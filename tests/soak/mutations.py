"""`make soak`: reads thousands of damaged letters and the hostile files by worker processes.

Not part of `make test`: it takes minutes. Ends with an error if a damaged letter is read as another clean one, or
if a file has no result.
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

from bench.reading import find_peak
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


def describe_ending(result: ReadResult, before: ReadResult) -> str:
    if isinstance(result, UnreadableError):
        return str(result.reason)
    if isinstance(before, UnreadableError):
        return "read"
    if new := {flag.code for flag in result.flags} - {flag.code for flag in before.flags}:
        return f"read, flagged {sorted(new)[0]}"
    return "ANOTHER CLEAN LETTER" if mutate.find_clean_difference(before, result) else "read as before"


class Memory(threading.Thread):
    """Samples the peak memory of the workers ten times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = 0.0
        self.start()

    def run(self) -> None:
        while True:
            self.most = max([self.most, *(find_peak(child) for child in psutil.Process().children())])
            time.sleep(0.1)


def write_damaged(folder: Path, letters: list[bytes]) -> list[Path]:
    random, paths = Random(SEED), []  # noqa: S311 - repeatable, not secret
    for number in range(COUNT):
        damage = random.choice(mutate.BYTE_MUTATIONS)
        paths.append(folder / f"{number} {damage.__name__}.pdf")
        paths[-1].write_bytes(damage(letters[number % len(letters)], random))
    return paths


def write_hostile(folder: Path) -> list[Path]:
    paths = []
    for fault, (name, data, *_) in FIXTURES.items():
        paths.append(folder / f"{fault}{Path(name).suffix}")
        paths[-1].write_bytes(data)
    return paths


def read_whole(folder: Path, letters: list[bytes]) -> list[ReadResult]:
    paths = [folder / f"whole {number}.pdf" for number in range(len(letters))]
    for path, data in zip(paths, letters, strict=True):
        path.write_bytes(data)
    return [result for _, result in sorted(read_letters(paths, LIMITS, processes=2), key=lambda pair: pair[0])]


def main(folder: Path, letters: list[bytes]) -> int:
    before = read_whole(folder, letters)
    paths = [*write_damaged(folder, letters), *write_hostile(folder)]
    memory, began = Memory(), time.monotonic()
    endings, bad = Counter[str](), []
    for index, result in read_letters(paths, LIMITS, processes=2):
        is_hostile = index >= COUNT
        end = describe_ending(result, result if is_hostile else before[index % len(letters)])
        end = f"hostile: {end}" if is_hostile else end
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
