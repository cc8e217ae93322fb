"""`make workers-test`: a backfill over two workers, one of them killed halfway, equal to one process's.

Draws letters (the real layout, made-up content), loads them as a backfill in one process from a disk, and then over
CeleryExecutor with two readers that share nothing but an S3 API and the databases: the first batch with one reader,
the others with two, of which one is killed in the middle. Ends with an error unless every letter is there once and
every table equal.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import fsspec

from bench.reading import draw_letters
from imr.context import Context
from imr.pipeline import backfill
from imr.reporting import report
from imr.settings import Settings
from tests.distributed.cluster import BUCKET, Cluster
from tests.soak.kills import differences
from tests.support.airflow_api import wait_until
from warehouse.runs.backfill_state import Backfill
from warehouse.runs.run import Run

NAME = "drawn"
BATCHES = 4
CHUNK = 625
HOURS = 2
OTHER_STEPS = tuple(step for step in report.STEPS if step not in {"extract", "compare"})


def say(text: str) -> None:
    """Print at once, whatever standard output is."""
    print(text, flush=True)  # noqa: T201 - a soak talks


def main(letters: int) -> None:
    """Load the letters in both ways and compare."""
    with tempfile.TemporaryDirectory(prefix="imr-workers-") as folder:
        base = Path(folder)
        base.chmod(0o755)  # PostgreSQL's own user has to get in
        size = -(-letters // BATCHES)
        with timed(f"{letters} letters drawn"):
            draw(base / "archive", letters)
        alone = Settings(home=base / "alone", chunk_size=CHUNK, backfill_batch=size, processes=1)
        with timed("one process, from a disk"):
            left = backfill.plan(Context(alone), NAME, str(base / "archive"), size)
            assert backfill.run_here(Context(alone), NAME, left, lambda _: None) == 0
        say("  " + rates("one process", alone, left))
        shared = {"chunk_size": str(CHUNK), "backfill_batch": str(size), "processes": "1", "quiet_seconds": "0"}
        with Cluster(base / "cluster", **shared) as cluster:
            with timed("uploaded to the S3 API"):
                upload(base / "archive")
            with timed("two workers, one killed halfway"):
                over_workers(cluster, size)
            judge(alone, cluster.settings("main"), letters)


def draw(folder: Path, letters: int) -> None:
    """Draw letters, each file a second older than the next, so that both ways plan the same batches."""
    folder.mkdir()
    parts = [folder.with_name(f"drawn-{part}") for part in range(os.cpu_count() or 1)]
    share = -(-letters // len(parts))
    with ProcessPoolExecutor(len(parts)) as pool:
        list(pool.map(_draw, parts, [share] * len(parts)))
    for path in [path for part in parts for path in sorted(part.iterdir())][:letters]:
        path.rename(folder / path.name)
    for second, path in enumerate(sorted(folder.iterdir())):
        os.utime(path, (1_500_000_000 + second,) * 2)


def _draw(folder: Path, letters: int) -> None:
    folder.mkdir()
    draw_letters(folder, letters, first=int(folder.name[-1]) * letters)


def upload(folder: Path) -> None:
    """Put the letters into the store one after the other, so that the oldest there is the oldest here."""
    store = fsspec.filesystem("s3")
    for path in sorted(folder.iterdir()):
        store.pipe_file(f"{BUCKET}/archive-2017/{path.name}", path.read_bytes())


def over_workers(cluster: Cluster, size: int) -> None:
    """Load the first batch with one reader, the others with two, and kill one halfway."""
    main_settings = cluster.settings("main")
    backfill.plan(main_settings, NAME, f"{BUCKET}/archive-2017", size)
    planned = Backfill.named(main_settings.backfills, NAME)
    cluster.worker("reader-1", queues="reading")
    first = cluster.airflow.trigger(backfill.BATCH_DAG_ID, {"name": NAME, "batch": 1})
    wait_until(lambda: cluster.airflow.state(first) in ("success", "failed"), 3600 * HOURS, "the first batch", every=2)
    assert cluster.airflow.state(first) == "success"
    say("  " + rates("one worker", main_settings, [1]))

    cluster.worker("reader-2", queues="reading")
    rest = cluster.airflow.trigger(backfill.DAG_ID, {"name": NAME})
    wait_until(lambda: planned.left() == [3, 4], 3600 * HOURS, "the second batch")
    say("  " + rates("two workers", main_settings, [2]))
    wait_until(lambda: is_reading(cluster), 3600 * HOURS, "reader-2 at work")
    cluster.kill("worker-reader-2")
    say(f"  reader-2 killed in the middle of a chunk, {read_by(cluster)}")
    wait_until(lambda: cluster.airflow.state(rest) in ("success", "failed"), 3600 * HOURS, "the backfill", every=2)
    assert cluster.airflow.state(rest) == "success", cluster.airflow.state(rest)
    say("  " + rates("two workers, then one", main_settings, [3, 4]))
    say(f"  {read_by(cluster)}")
    say(backfill.format_progress(NAME, planned.progress(datetime.now().astimezone())))


def is_reading(cluster: Cluster) -> bool:
    """Whether the second reader is in the middle of a chunk of the third or fourth batch."""
    files = (cluster.settings("reader-2").runs).glob(f"backfill-{NAME}-0000[34]-*/steps/extract/*.json")
    told = [json.loads(f.read_text("utf-8")) for f in files if not f.name.startswith(".")]
    return any(t["state"] == "done" for t in told) and any(t["state"] == "running" for t in told)


def read_by(cluster: Cluster) -> str:
    """Tell how many chunks each reader has read."""
    told = {}
    for reader in ("reader-1", "reader-2"):
        done = cluster.settings(reader).runs.glob("*/steps/extract/chunk-*.json")
        told[reader] = sum(json.loads(f.read_text("utf-8"))["state"] == "done" for f in done)
    return "chunks read: " + ", ".join(f"{reader} {count}" for reader, count in told.items())


def rates(what: str, settings: Settings, batches: Sequence[int]) -> str:
    """Tell the letters a second that a home's batches were read with, and what their other steps took."""
    letters, seconds, others = 0, 0.0, dict.fromkeys(OTHER_STEPS, 0.0)
    for outcome in Backfill.named(settings.backfills, NAME).outcomes():
        if outcome.batch in batches:
            run = Run(settings.runs / outcome.run_id)
            files = sorted(run.step_file("extract").with_suffix("").glob("[!.]*.json"))
            told = [json.loads(f.read_text("utf-8")) for f in files]
            begun = [datetime.fromisoformat(t["begun_at"]) for t in told]
            ended = [b + timedelta(seconds=t["seconds"]) for b, t in zip(begun, told, strict=True)]
            letters += outcome.files
            seconds += (max(ended) - min(begun)).total_seconds()
            for name in OTHER_STEPS:
                others[name] += (run.outcome(name) or {"seconds": 0})["seconds"]
    read = f"{what}: {letters} letters read in {seconds:.0f} s, {letters / seconds:.0f} a second"
    return f"{read}; besides: " + ", ".join(f"{name} {spent:.0f} s" for name, spent in others.items())


def judge(alone: Settings, together: Settings, letters: int) -> None:
    """Compare both warehouses, row by row, and count the letters."""
    ours, theirs = (Context(s).versions.require_current() for s in (together, alone))
    faults = [*differences(ours.full, theirs.full), *differences(ours.marts, theirs.marts)]
    with duckdb.connect(str(ours.full), read_only=True) as connection:
        columns = "count(*), count(DISTINCT sha256), count(DISTINCT source_path)"
        row = connection.execute(f"SELECT {columns} FROM raw.files WHERE status = 'loaded'").fetchone()
    say(f"ledger: {row} files loaded, hashes, names")
    if row != (letters, letters, letters):
        faults.append(f"{letters} letters should be loaded, each once")
    say("\n".join(faults) or "finished; every letter once; every table equal, row by row, to one process's")
    if faults:
        raise SystemExit(1)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long the block took."""
    begun = time.monotonic()
    yield
    say(f"{what}: {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the cluster is ended
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=20_000)
    main(parser.parse_args().letters)
