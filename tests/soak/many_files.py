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
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import TypeVar

import duckdb

from bench.reading import draw_letters
from imr.context import Context
from imr.pipeline import steps
from imr.settings import Settings
from tests.extract import hostile
from tests.support.letters import faults

T = TypeVar("T")
FILES = 10_000
SEED = 3
HOSTILE = (
    hostile.zero_bytes,
    hostile.a_web_page_named_pdf,
    hostile.xref_garbage,
    hostile.a_deflate_bomb,
    hostile.a_bomb_inside_a_bomb,
    hostile.a_self_referencing_form,
    hostile.a_fan_out_of_forms,
    hostile.many_pages,
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
        inbox.mkdir()
        context = Context(Settings(home=Path(folder) / "home", inbox=str(inbox)))
        kinds = _measure("drawn", lambda: fill_inbox(inbox, files))
        print(f"{len(list(inbox.iterdir()))} files: {kinds}", flush=True)  # noqa: T201 - a soak prints
        names = {file.name for file in inbox.iterdir()}
        chunks = _measure("scan", lambda: steps.scan(context, "soak"))
        _measure("extract", lambda: [steps.extract(context, "soak", first) for first in chunks])
        for step in (steps.gate_batch, steps.load, steps.build_marts, steps.gate_marts, steps.publish, steps.archive):
            _measure(step.__name__, partial(step, context, "soak"))
        steps.report(context, "soak")
        _check_ledger(context, names, inbox)


def _check_ledger(context: Context, names: set[str], inbox: Path) -> None:
    version = context.versions.require_current()
    with duckdb.connect(str(version.full), read_only=True) as connection:
        rows = connection.execute("SELECT source_path, status, reason FROM raw.files").fetchall()
        counted = connection.execute("SELECT count(*), count(DISTINCT case_key) FROM marts.fct_decisions").fetchone()
    for (status, reason), count in sorted(Counter((s, r or "") for _, s, r in rows).items()):
        print(f"{count:>7,}  {status} {reason}")  # noqa: T201
    missing, more = names - {name for name, _, _ in rows}, len(rows) - len({name for name, _, _ in rows})
    print(f"version {version.number} is published; decisions, cases: {counted}")  # noqa: T201
    left = len(list(inbox.iterdir()))
    print(f"not in the ledger: {len(missing)}; more than once in it: {more}; left in the inbox: {left}")  # noqa: T201
    if missing or more or left:
        raise SystemExit(1)


def _measure(what: str, work: Callable[[], T]) -> T:
    begun = time.monotonic()
    done = work()
    print(f"{what:<12}{time.monotonic() - begun:>8.1f} s", flush=True)  # noqa: T201
    return done


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
