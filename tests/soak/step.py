"""One step of a load as a process of its own, to be killed: `python -m tests.soak.step HOME DROP RUN STEP [FIRST]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from imr.pipeline import steps
from imr.settings import Settings

CHUNK = 20


def main(home: str, drop: str, run_id: str, step: str, *first: str) -> None:
    """Say `ready` when all is imported, then run the step; the chunks that a scan finds are printed."""
    if step.startswith("gate"):
        import expectations.gate  # noqa: F401, PLC0415 - so that the kill comes while the gate works, not while Python starts
    if step == "build_marts":
        import dbt.cli.main  # noqa: F401, PLC0415
    settings = Settings(home=Path(home), inbox=drop, chunk_size=CHUNK, processes=2, quiet_seconds=0)
    arguments = [int(first[0])] if first else []
    print("ready", flush=True)  # noqa: T201 - whoever kills it waits for this
    done = getattr(steps, step)(settings, run_id, *arguments)
    print(json.dumps(done, default=str))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
