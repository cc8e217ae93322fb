"""One step of a load in a process that can be killed: `python -m tests.soak.step HOME INBOX RUN STEP [FIRST]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from imr.context import Context
from imr.pipeline import steps
from imr.settings import Settings

CHUNK = 20


def main(home: str, inbox: str, run_id: str, step: str, *first: str) -> None:
    """Print `ready` after all imports, run the step, and print its result: the chunks of a scan."""
    if step.startswith("gate"):
        import expectations.gate  # noqa: F401, PLC0415 - so that the kill hits the gate and not the imports
    if step == "build_marts":
        import dbt.cli.main  # noqa: F401, PLC0415
    context = Context(Settings(home=Path(home), inbox=inbox, chunk_size=CHUNK, processes=2, quiet_seconds=0))
    print("ready", flush=True)  # noqa: T201 - the parent waits for this line
    result = getattr(steps, step)(context, run_id, *map(int, first))
    print(json.dumps(result, default=str))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
