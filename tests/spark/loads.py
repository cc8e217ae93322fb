"""The run files that both warehouses are built from: read letters, made-up days, and letters by the thousand."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from bench import raw_rows
from extract.read import SUFFIXES
from imr.context import Context
from imr.pipeline import steps
from imr.settings import Settings
from tests.dbt_project.test_dbt_increments import daily_loads
from warehouse.files import write_json
from warehouse.runs.run import Run
from warehouse.runs.run_files import read_table, write_chunk
from warehouse.runs.schema import SCHEMAS

READ_IN_FIRST_LOAD = 0.8
"""Of the letters of a folder; the rest is the second load."""
READ_IN_BOTH = 4
"""Letters that the second load has under their own names, and as many again under others."""


def read_letters(letters: Path, home: Path) -> list[Run]:
    """Read a folder of letters into two runs, by the steps of the daily load.

    Both scan before either is loaded, and the second has letters of the first too: loaded meanwhile.
    """
    settings = Settings(home=home)
    files = sorted(file for file in letters.iterdir() if file.suffix in SUFFIXES)
    first = round(len(files) * READ_IN_FIRST_LOAD)
    found = []
    again = {f"again-{file.name}": file for file in files[:READ_IN_BOTH]}
    dropped = {
        "letters-1": {file.name: file for file in files[:first]},
        "letters-2": {file.name: file for file in files[first - READ_IN_BOTH :]} | again,
    }
    for run_id, letters_of_run in dropped.items():
        drop = home / "drop" / run_id
        drop.mkdir(parents=True)
        for name, file in letters_of_run.items():
            shutil.copy(file, drop / name)
        for chunk in steps.scan(Context(settings), run_id, drop):
            steps.extract(Context(settings), run_id, chunk)
        found.append(Context(settings).open_run(run_id))
    return found


def made_up_days(runs: Path) -> list[Run]:
    """Write the loads of `daily_loads` as one run each."""
    found = []
    for number, day in enumerate(daily_loads(), start=1):
        run = Run(runs / f"day-{number}")
        columns = {table: schema.names for table, schema in SCHEMAS.items()}
        write_chunk(
            run,
            "chunk-0",
            {table: [{c: row.get(c) for c in columns[table]} for row in rows] for table, rows in day.rows.items()},
        )
        # As a run that reads letters again: without it what is loaded already would be a duplicate.
        write_json(run.comparison, {"withdrawn": [], "kept": []})
        found.append(run)
    return found


def reread(day: Run, before: Run) -> None:
    """Let a day also read two letters of a run before it, and refuse them: one is withdrawn, one is kept."""
    [withdrawn, kept] = [row for row in read_table(before, "files").to_pylist() if row["status"] == "loaded"][:2]
    refused = [
        row | {"status": "quarantined", "reason": reason, "run_id": day.run_id}
        for row, reason in ((withdrawn, "unknown_format"), (kept, "crashed"))
    ]
    write_chunk(day, "chunk-1", {"files": refused})
    write_json(day.comparison, {"withdrawn": [refused[0]], "kept": [refused[1]]})


def generated(runs: Path, letters: int, loads: int) -> list[Run]:
    """Write so many generated letters as run files, in so many loads."""
    found = []
    size = -(-letters // loads)
    for number, first in enumerate(range(0, letters, size)):
        run = Run(runs / f"generated-{number + 1}")
        seen_at = datetime(2024, 12, 1, 6) + timedelta(days=number)
        raw_rows.write_run(run, first, min(size, letters - first), seen_at, letters)
        found.append(run)
    return found
