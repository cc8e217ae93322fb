"""`make soak-drop`: one load of 10,000 files, of which 1 % are damaged, 1 % copies and 0.5 % made to do harm.

Ends with an error unless everything is accounted for and published.
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


def fill(folder: Path, files: int) -> dict[str, int]:
    """Fill a drop folder with letters and with what else arrives; return how many of each kind."""
    chance = Random(SEED)  # noqa: S311 - repeatable, not secret
    kinds = {"damaged": files // 100, "copies": files // 100, "hostile": files // 200}
    letters = draw_letters(folder, files - kinds["copies"] - kinds["hostile"])
    for letter in chance.sample(letters, kinds["damaged"]):
        letter.write_bytes(faults.damaged(letter.read_bytes()))
    for number, letter in enumerate(chance.sample(letters, kinds["copies"])):
        (folder / f"copy-{number}.pdf").write_bytes(letter.read_bytes())
    makers = itertools.cycle(HOSTILE)
    for number in range(kinds["hostile"]):
        # a trailing comment, so that each has bytes of its own
        (folder / f"hostile-{number}.pdf").write_bytes(next(makers)() + f"\n% {number}\n".encode())
    aged = time.time() - 3600
    for file in folder.iterdir():
        os.utime(file, (aged, aged))
    return kinds | {"letters": len(letters) - kinds["damaged"]}


def main(files: int = FILES) -> None:
    """Fill a folder, load it as the DAG does, and compare the ledger with the folder."""
    with tempfile.TemporaryDirectory(prefix="imr-drop-") as folder:
        drop = Path(folder) / "drop"
        drop.mkdir()
        settings = Settings(home=Path(folder) / "home", inbox=str(drop))
        kinds = _timed("drawn", lambda: fill(drop, files))
        print(f"{len(list(drop.iterdir()))} files: {kinds}", flush=True)  # noqa: T201 - a soak talks
        names = {file.name for file in drop.iterdir()}
        chunks = _timed("scan", lambda: steps.scan(Context(settings), "soak"))
        _timed("extract", lambda: [steps.extract(Context(settings), "soak", first) for first in chunks])
        for name in ("gate_batch", "load_raw", "build_marts", "gate_marts", "publish", "settle", "report"):
            _timed(name, partial(getattr(steps, name), settings, "soak"))
        _judge(settings, names, drop)


def _judge(settings: Settings, names: set[str], drop: Path) -> None:
    version = Context(settings).versions.require_current()
    with duckdb.connect(str(version.full), read_only=True) as connection:
        rows = connection.execute("SELECT source_path, status, reason FROM raw.files").fetchall()
        counted = connection.execute("SELECT count(*), count(DISTINCT case_key) FROM marts.fct_decisions").fetchone()
    for (status, reason), count in sorted(Counter((s, r or "") for _, s, r in rows).items()):
        print(f"{count:>7,}  {status} {reason}")  # noqa: T201
    missing, twice = names - {name for name, _, _ in rows}, len(rows) - len({name for name, _, _ in rows})
    print(f"version {version.number} is published; decisions, cases: {counted}")  # noqa: T201
    print(f"not accounted for: {len(missing)}; accounted for twice: {twice}; left: {len(list(drop.iterdir()))}")  # noqa: T201
    if missing or twice or list(drop.iterdir()):
        raise SystemExit(1)


def _timed(what: str, work: Callable[[], T]) -> T:
    begun = time.monotonic()
    done = work()
    print(f"{what:<12}{time.monotonic() - begun:>8.1f} s", flush=True)  # noqa: T201
    return done


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
