"""Run files that both warehouses are built from: sample letters, synthetic days, and many synthetic letters."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from bench import raw_rows
from extract.read import SUFFIXES
from imr.context import Context
from imr.pipeline import steps
from imr.settings import Settings
from tests.support.synthetic_rows import make_daily_loads
from warehouse.runs.run import Run, write_json
from warehouse.runs.run_files import read_table, write_chunk
from warehouse.runs.schema import SCHEMAS

FIRST_LOAD_SHARE = 0.8
"""Share of a folder's letters in the first load."""
LETTERS_IN_BOTH = 4
"""Letters of the first load that the second has too, each under its own and under another name."""


def read_letters(letters: Path, home: Path) -> list[Run]:
    """Read a folder of letters into two runs, by the steps of the daily load.

    Both are scanned before either is loaded, so letters of both are loaded meanwhile in the second.
    """
    context = Context(Settings(home=home))
    files = sorted(file for file in letters.iterdir() if file.suffix in SUFFIXES)
    first = round(len(files) * FIRST_LOAD_SHARE)
    found = []
    again = {f"again-{file.name}": file for file in files[:LETTERS_IN_BOTH]}
    runs = {
        "letters-1": {file.name: file for file in files[:first]},
        "letters-2": {file.name: file for file in files[first - LETTERS_IN_BOTH :]} | again,
    }
    for run_id, letters_of_run in runs.items():
        inbox = home / "inboxes" / run_id
        inbox.mkdir(parents=True)
        for name, file in letters_of_run.items():
            shutil.copy(file, inbox / name)
        for first_arrival in steps.scan(context, run_id, inbox):
            steps.extract(context, run_id, first_arrival)
        found.append(context.open_run(run_id))
    return found


def write_days(runs: Path) -> list[Run]:
    """Write six days on which all that can happen to a case happens, a run each."""
    found = []
    for number, day in enumerate(make_daily_loads(), start=1):
        run = Run(runs / f"day-{number}")
        columns = {table: schema.names for table, schema in SCHEMAS.items()}
        write_chunk(
            run,
            "chunk-0",
            {table: [{c: row.get(c) for c in columns[table]} for row in rows] for table, rows in day.rows.items()},
        )
        # As in a reparse; otherwise letters that are loaded already would be duplicates.
        write_json(run.comparison, {"withdrawn": [], "kept": []})
        found.append(run)
    return found


def quarantine_letters(day: Run, before: Run) -> None:
    """Quarantine two letters of an earlier run in a day: one is withdrawn, one is kept."""
    [withdrawn, kept] = [row for row in read_table(before, "files").to_pylist() if row["status"] == "loaded"][:2]
    quarantined = [
        row | {"status": "quarantined", "reason": reason, "run_id": day.run_id}
        for row, reason in ((withdrawn, "unknown_format"), (kept, "crashed"))
    ]
    write_chunk(day, "chunk-1", {"files": quarantined})
    write_json(day.comparison, {"withdrawn": [quarantined[0]], "kept": [quarantined[1]]})


def write_synthetic(runs: Path, letters: int, loads: int) -> list[Run]:
    """Write synthetic letters as the run files of several loads."""
    found = []
    size = -(-letters // loads)
    for number, first in enumerate(range(0, letters, size)):
        run = Run(runs / f"synthetic-{number + 1}")
        seen_at = datetime(2024, 12, 1, 6) + timedelta(days=number)
        raw_rows.write_run(run, first, min(size, letters - first), seen_at, letters)
        found.append(run)
    return found
