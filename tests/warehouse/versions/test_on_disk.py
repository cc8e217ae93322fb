from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.versions import publish_database
from warehouse.versions.on_disk import DiskVersions

READER = """
import pathlib, sys, duckdb
file, stop, keeps_open = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3] == "kept"
answers, seen = 0, []
connection = duckdb.connect(file, read_only=True)
print("ready", flush=True)
while not stop.exists():
    if not keeps_open:
        connection.close()
        connection = duckdb.connect(file, read_only=True)
    versions = connection.execute("SELECT DISTINCT version FROM mart").fetchall()
    assert len(versions) == 1, f"two versions in one answer: {versions}"
    answers += 1
    seen += [versions[0][0]] if versions[0][0] not in seen[-1:] else []
print(answers, *seen)
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["reopened", "kept"])
def test_a_reader_has_no_error_through_thirty_publications_and_a_rollback(tmp_path: Path, how: str) -> None:
    store, stop = DiskVersions(tmp_path / "warehouse"), tmp_path / "stop"
    publish_database(store, "1")
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, store.link / "marts.duckdb", stop, how],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == "ready\n"
    for number in range(2, 32):
        publish_database(store, str(number), based_on=number - 1, keep=5)
    time.sleep(0.5)  # so that the newest version is read too
    store.rollback(29)
    time.sleep(0.5)
    stop.touch()
    output, errors = reader.communicate(timeout=60)
    assert reader.returncode == 0, errors
    answers, *seen = map(int, output.split())
    assert answers >= len(seen)
    if how == "kept":
        assert seen == [1], "a version that is kept open can be read even after its removal"
    else:
        assert seen == [*sorted(set(seen[:-1])), 29], "each version in order, then the one rolled back to"
        assert seen[-2] == 31
