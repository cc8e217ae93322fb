"""The trigger that watches the drop folder, run as Airflow's triggerer runs it: in an event loop of another process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from imr.service import airflow_environment
from imr.settings import Settings

WATCH = """
import asyncio, json, sys
from pathlib import Path
from imr.airflow.arrivals_trigger import ArrivalsTrigger

inbox = Path(sys.argv[1])
told = []

async def watch():
    async for event in ArrivalsTrigger().run():
        told.append(event.payload["fingerprint"])

async def main():
    watching = asyncio.create_task(watch())
    seen = []
    for change in (
        lambda: None,
        lambda: (inbox / "a.txt").write_text("a letter"),
        lambda: (inbox / "notes.md").write_text("no letter by its name"),
        lambda: (inbox / "b.txt").write_text("another"),
        lambda: (inbox / "b.txt").unlink(),
    ):
        change()
        await asyncio.sleep(1.5)  # some thirty looks
        seen.append(len(told))
    watching.cancel()
    print("JSON" + json.dumps({"seen": seen, "told": told, "made_from": ArrivalsTrigger().serialize()}))

asyncio.run(main())
"""


def test_each_set_of_letters_is_told_once_when_it_has_come_to_rest(tmp_path: Path) -> None:
    home = Settings(home=tmp_path, quiet_seconds=0, poll_seconds=0.05)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", WATCH, inbox], env=airflow_environment(home), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("JSON")]
    found = json.loads(line.removeprefix("JSON"))
    assert found["seen"] == [0, 1, 1, 2, 3]
    assert found["told"][0] == found["told"][2] != found["told"][1], "the same letters have the same fingerprint"
    assert found["made_from"] == ["imr.airflow.arrivals_trigger.ArrivalsTrigger", {}]
