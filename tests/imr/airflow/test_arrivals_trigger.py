"""The trigger that watches the inbox, in an event loop of another process as in Airflow's triggerer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from imr.service import airflow_environment
from imr.settings import Settings

WATCH = """
import asyncio, json, sys
from pathlib import Path
from imr.airflow.arrivals_trigger import ArrivalsTrigger

inbox = Path(sys.argv[1])
fired = []

async def watch():
    async for event in ArrivalsTrigger().run():
        fired.append(event.payload["fingerprint"])

async def main():
    watching = asyncio.create_task(watch())
    counts = []
    for change in (
        lambda: None,
        lambda: (inbox / "a.txt").write_text("a letter"),
        lambda: (inbox / "notes.md").write_text("no letter by its name"),
        lambda: (inbox / "b.txt").write_text("another"),
        lambda: (inbox / "b.txt").unlink(),
    ):
        change()
        await asyncio.sleep(1.5)  # about thirty checks
        counts.append(len(fired))
    watching.cancel()
    print("JSON" + json.dumps({"counts": counts, "fired": fired, "serialized": ArrivalsTrigger().serialize()}))

asyncio.run(main())
"""


@pytest.mark.slow
def test_the_trigger_fires_once_for_each_set_of_unchanged_letters(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, quiet_seconds=0, poll_seconds=0.05)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", WATCH, inbox],
        env=airflow_environment(settings),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("JSON")]
    found = json.loads(line.removeprefix("JSON"))
    assert found["counts"] == [0, 1, 1, 2, 3]
    assert found["fired"][0] == found["fired"][2] != found["fired"][1], "a fingerprint of the letters"
    assert found["serialized"] == ["imr.airflow.arrivals_trigger.ArrivalsTrigger", {}]
