"""`make workers-test`: a backfill by two workers, one of which is killed, compared with a backfill in one process.

Draws letters of the real layout and loads them as a backfill in one process from disk, then by CeleryExecutor with
readers that share only an S3 API and the databases: the first batch with one reader, the others with two, one of which
is killed halfway. Exits with an error unless every letter is loaded once and every table is equal.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import fsspec

from bench.reading import draw_letters
from imr.context import Context
from imr.pipeline import backfill
from imr.settings import Settings
from tests.distributed.cluster import BUCKET, Cluster
from tests.support.airflow_api import wait_until
from tests.support.compare_files import find_differences
from tests.support.timing import measure
from warehouse.runs.step_results import STEPS, CompareResult, ExtractResult

NAME = "drawn"
BATCHES = 4
CHUNKS_PER_BATCH = 8
TIMEOUT = 2 * 3600
OTHER_STEPS = tuple(step for step in STEPS if step not in {ExtractResult, CompareResult})


def say(text: str) -> None:
    """Print a line without buffering."""
    print(text, flush=True)  # noqa: T201 - a soak prints


def main(letters: int) -> None:
    """Load the letters in both ways and compare."""
    with tempfile.TemporaryDirectory(prefix="imr-workers-") as folder:
        base = Path(folder)
        base.chmod(0o755)  # PostgreSQL's own user needs access
        size = -(-letters // BATCHES)
        options = {"chunk_size": -(-size // CHUNKS_PER_BATCH), "backfill_batch": size, "processes": 1}
        with measure(f"{letters} letters drawn"):
            for second, path in enumerate(draw_letters(base / "archive", letters)):
                os.utime(path, (1_500_000_000 + second,) * 2)  # by age, both ways plan the same batches
        alone = Context(Settings(home=base / "alone", **options))
        with measure("one process, from disk"):
            batches = backfill.plan(alone, NAME, str(base / "archive"), size)
            assert backfill.run_here(alone, NAME, batches, lambda _: None) == 0
        say("  " + describe_rates("one process", alone, batches))
        with Cluster(base / "cluster", quiet_seconds="0", **{k: str(v) for k, v in options.items()}) as cluster:
            with measure("uploaded to the S3 API"):
                upload(base / "archive")
            with measure("two workers, one killed halfway"):
                load_with_workers(cluster, size)
            check(alone, Context(cluster.settings("main")), letters)


def upload(folder: Path) -> None:
    """Upload the letters one after the other, so that they have the same order by age as on disk."""
    store = fsspec.filesystem("s3")
    for path in sorted(folder.iterdir()):
        store.pipe_file(f"{BUCKET}/archive-2017/{path.name}", path.read_bytes())


def load_with_workers(cluster: Cluster, size: int) -> None:
    """Load the first batch with one reader, the others with two, and kill one halfway."""
    context = Context(cluster.settings("main"))
    backfill.plan(context, NAME, f"{BUCKET}/archive-2017", size)
    planned = context.open_backfill(NAME)
    cluster.worker("reader-1", queues="reading")
    first = cluster.airflow.trigger(backfill.BATCH_DAG_ID, {"name": NAME, "batch": 1})
    wait_for_end(cluster, first)
    say("  " + describe_rates("one worker", context, [1]))

    cluster.worker("reader-2", queues="reading")
    rest = cluster.airflow.trigger(backfill.DAG_ID, {"name": NAME})
    wait_until(lambda: len(planned.list_unfinished()) < BATCHES - 1, TIMEOUT, "another batch")
    wait_until(lambda: is_reading(cluster), TIMEOUT, "reader-2 at work")
    cluster.kill("worker-reader-2")
    say("  reader-2 killed in the middle of a chunk")
    wait_for_end(cluster, rest)
    say("  " + describe_rates("two workers, then one", context, range(2, BATCHES + 1)))
    say(backfill.format_progress(NAME, planned.find_progress(datetime.now().astimezone())))
    left = [name for name in fsspec.filesystem("s3").find(f"{BUCKET}/shared_runs") if "/chunk-" in name]
    assert not left, f"left in the shared place: {left}"


def wait_for_end(cluster: Cluster, run: str) -> None:
    """Wait until a DAG run has ended. Raises AssertionError if it failed."""
    wait_until(lambda: cluster.airflow.state(run) in ("success", "failed"), TIMEOUT, run, every=2)
    assert cluster.airflow.state(run) == "success"


def is_reading(cluster: Cluster) -> bool:
    """Whether reader-2 is in the middle of a chunk, and other chunks of its run have been read."""
    context = Context(cluster.settings("reader-2"))
    for scratch in context.settings.runs.glob("*/reading/chunk-*"):
        chunks = context.open_run(scratch.parent.parent.name).list_files("steps/extract")
        if scratch.exists() and len(chunks) > 1:
            return True
    return False


def describe_rates(what: str, context: Context, batches: Sequence[int]) -> str:
    """Return the letters per second at which batches were read, and the seconds of their other steps, as text."""
    letters, seconds, others = 0, 0.0, dict.fromkeys((step.STEP for step in OTHER_STEPS), 0.0)
    for batch in context.open_backfill(NAME).read_results():
        if batch.batch in batches:
            run = context.open_run(batch.run_id)
            chunks = [run.find_result(ExtractResult, Path(name).stem) for name in run.list_files("steps/extract")]
            begun = min(datetime.fromisoformat(c.begun_at) for c in chunks if c)
            ended = max(datetime.fromisoformat(c.ended_at) for c in chunks if c and c.ended_at)
            letters += batch.files
            seconds += max((ended - begun).total_seconds(), 1)
            for step in OTHER_STEPS:
                result = run.find_result(step)
                others[step.STEP] += (result and result.seconds) or 0
    read = f"{what}: {letters} letters read in {seconds:.0f} s, {letters / seconds:.0f} per second"
    return f"{read}; besides: " + ", ".join(f"{name} {spent:.0f} s" for name, spent in others.items())


def check(alone: Context, together: Context, letters: int) -> None:
    """Compare both warehouses row by row, and count the letters."""
    ours, theirs = (context.versions.require_current() for context in (together, alone))
    faults = find_differences(ours.contents, theirs.contents)
    with ours.contents.open() as connection:
        columns = "count(*), count(DISTINCT sha256), count(DISTINCT source_path)"
        row = connection.execute(f"SELECT {columns} FROM raw.files WHERE status = 'loaded'").fetchone()
    say(f"ledger: {row} files loaded, hashes, names")
    if row != (letters, letters, letters):
        faults.append(f"{letters} letters should be loaded, each once")
    say("\n".join(faults) or "finished: every letter once, every table equal to that of one process")
    if faults:
        raise SystemExit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the cluster is ended
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=20_000)
    main(parser.parse_args().letters)
