"""`make soak-drop`: one load of 10,000 files, of which 1 % are damaged, 1 % copies and 0.5 % hostile.

Exits with an error unless every file is in the ledger and the version is published.
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from bench.reading import draw_letters
from imr.context import Context
from imr.pipeline import steps
from imr.settings import Settings
from tests.extract import hostile
from tests.support.letters import faults
from tests.support.timing import measure

FILES = 10_000
SEED = 3
HOSTILE = (
    *(hostile.zero_bytes, hostile.a_web_page_named_pdf, hostile.xref_garbage, hostile.many_pages),
    *(hostile.a_deflate_bomb, hostile.a_bomb_inside_a_bomb),
    *(hostile.a_self_referencing_form, hostile.a_fan_out_of_forms),
)


def fill_inbox(folder: Path, files: int) -> dict[str, int]:
    """Fill an inbox with letters and other files; return how many of each kind."""
    random = Random(SEED)  # noqa: S311 - repeatable, not secret
    kinds = {"damaged": files // 100, "copies": files // 100, "hostile": files // 200}
    letters = draw_letters(folder, files - kinds["copies"] - kinds["hostile"])
    for letter in random.sample(letters, kinds["damaged"]):
        letter.write_bytes(faults.damaged(letter.read_bytes()))
    for number, letter in enumerate(random.sample(letters, kinds["copies"])):
        (folder / f"copy-{number}.pdf").write_bytes(letter.read_bytes())
    makers = itertools.cycle(HOSTILE)
    for number in range(kinds["hostile"]):
        # a trailing comment makes the bytes of each file unique
        (folder / f"hostile-{number}.pdf").write_bytes(next(makers)() + f"\n% {number}\n".encode())
    aged = time.time() - 3600
    for file in folder.iterdir():
        os.utime(file, (aged, aged))
    return kinds | {"letters": len(letters) - kinds["damaged"]}


def main(files: int = FILES) -> None:
    """Fill a folder, load it, and compare the ledger with the folder."""
    with tempfile.TemporaryDirectory(prefix="imr-drop-") as folder:
        inbox = Path(folder) / "inbox"
        context = Context(Settings(home=Path(folder) / "home", inbox=str(inbox)))
        with measure("drawn"):
            kinds = fill_inbox(inbox, files)
        names = {file.name for file in inbox.iterdir()}
        print(f"{len(names)} files: {kinds}", flush=True)  # noqa: T201 - a soak prints
        version = steps.run_load(context, "soak", steps.scan(context, "soak"))
        for timing in steps.report(context, "soak").timings:
            print(f"{timing['step']:<12}{timing['seconds'] or 0:>8.1f} s")  # noqa: T201
        with context.versions.require_current().contents.open() as connection:
            rows = connection.execute("SELECT source_path, status, reason FROM raw.files").fetchall()
        for (status, reason), count in sorted(Counter((s, r or "") for _, s, r in rows).items()):
            print(f"{count:>7,}  {status} {reason}")  # noqa: T201
        in_ledger, left = [name for name, _, _ in rows], list(inbox.iterdir())
        print(f"version {version} is published; {len(left)} files are left in the inbox")  # noqa: T201
        if sorted(in_ledger) != sorted(names) or left:
            raise SystemExit("the ledger does not have each file once, or files are left")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
