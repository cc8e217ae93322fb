"""### Stored letters read again

Reads letters of the archive or the quarantine once more, shows what that changes, and publishes it if both gates
pass. Started by hand, by `imr reparse`, or by a decision in `imr_review`. One run at a time.

| param | which letters |
|---|---|
| `reasons` | refused for one of these reasons |
| `formats` | loaded as one of these layouts |
| `from_date`, `to_date` | last read on these days (UTC, both included) |
| `parser_version` | last read by this version of the parser |
| `sha256` | the files with these hashes |
| `dry_run` | shows what would change and publishes nothing |
| `accept_gone` | lets letters go that are loaded and are refused now |
| `accept_drift` | lets letters pass the gates although they are unlike the past loads; look first |
| `chunk_size` | letters that one task reads |

A letter is chosen if all that is given fits; with nothing given, every stored letter is. Refused files that a
person has rejected are only read where `sha256` names them.

| step | what it does |
|---|---|
| `select` | chooses the letters from the published ledger, and finds their bytes |
| `extract` | reads them, a chunk a task |
| `compare` | tells the rows added, changed (in which columns) and gone, in its log and in the report |
| `gate_batch`, `turn`, `load`, `transform`, `gate_marts`, `publish` | as in `imr_daily_load` |
| `settle` | brings what now reads from the quarantine to the archive, what is refused to its reason's folder |
| `report` | says what happened, with the comparison: `runs/<run id>/report.html` |

**Nothing changed**, or a dry run: every step from `gate_batch` to `settle` is skipped, and nothing is published.

**When a task is red**, nothing was published and no file was moved.

- `select`: a reason, format or date that does not exist, or nothing is published yet.
- `compare`: letters that are loaded are refused now. The message names them. Mend the reader, or, if they are to
  go, trigger again with `accept_gone`: their rows leave the warehouse, the files go to the quarantine, and the
  version before still has them. Where only their reader failed (`timed_out`, `crashed`), they stay as they were.
- `gate_batch`, `load`, `transform`, `gate_marts`, `publish`: see the manual of `imr_daily_load`. Where another run
  was published meanwhile, trigger again.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Param, dag, get_current_context, task, teardown

from extract.reasons import Reason
from imr import reparse, steps
from imr.airflow.notifiers import FailureNotifier, PublishedNotifier
from imr.airflow.wiring import (
    PUBLISHED,
    RAW,
    READING,
    START,
    STORAGE_HICCUP,
    TURN,
    WRITER,
    task_defaults,
    tell_loaded,
    tell_published,
)
from imr.settings import load_settings
from warehouse.run import Run

DAY = {"type": ["null", "string"], "format": "date"}


def _run_id() -> str:
    return str(get_current_context()["run_id"])


def _accept_drift() -> bool:
    return bool(get_current_context()["params"]["accept_drift"])


def _run() -> Run:
    return steps.open_run(load_settings(), _run_id())


@dag(
    dag_id=reparse.DAG_ID,
    description="Stored letters read again, compared, and published where that changes something",
    doc_md=__doc__,
    schedule=None,
    start_date=START,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=12),
    tags=["imr", "by hand"],
    default_args=task_defaults(minutes=60),
    on_failure_callback=FailureNotifier(),
    params={
        "reasons": Param(
            [],
            type=["null", "array"],
            items={"type": "string"},
            examples=[str(r) for r in Reason],
            description="Refused for one of these reasons.",
        ),
        "formats": Param(
            [], type=["null", "array"], items={"type": "string"}, description="Loaded as one of these layouts."
        ),
        "from_date": Param(None, **DAY, description="Last read on this day or later (UTC)."),
        "to_date": Param(None, **DAY, description="Last read on this day or earlier (UTC)."),
        "parser_version": Param(None, type=["null", "string"], description="Last read by this parser version."),
        "sha256": Param([], type=["null", "array"], items={"type": "string"}, description="Hashes of the files."),
        "dry_run": Param(False, type="boolean", description="Show what would change; publish nothing."),
        "accept_gone": Param(False, type="boolean", description="Let letters go that are loaded and are refused now."),
        "accept_drift": Param(
            False, type="boolean", description="Let the batch pass although it is unlike the past loads; look first."
        ),
        "chunk_size": Param(None, type=["null", "integer"], minimum=1, description="Letters that one task reads."),
    },
)
def imr_reparse() -> None:  # noqa: C901 - a function a task
    """Wire the steps of `imr.reparse` and `imr.steps`, which import dbt and GX only when they run."""

    @task(**STORAGE_HICCUP)
    def select() -> list[int]:
        return reparse.select(load_settings(), _run_id(), reparse.Plan.from_params(get_current_context()["params"]))

    @task(**READING, map_index_template="from letter {{ task.op_kwargs['first'] }}")
    def extract(first: int) -> dict[str, int]:
        return steps.extract(load_settings(), _run_id(), first)

    @task.short_circuit
    def compare() -> bool:
        return reparse.compare(load_settings(), _run_id())

    @task
    def gate_batch() -> int:
        return steps.gate_batch(load_settings(), _run_id(), accept_drift=_accept_drift())

    @task.sensor(**TURN)
    def turn() -> bool:
        return steps.take_turn(load_settings(), _run_id())

    @task(**STORAGE_HICCUP, pool=WRITER, outlets=[RAW])
    def load() -> dict[str, int]:
        rows = steps.load_raw(load_settings(), _run_id())
        tell_loaded(get_current_context()["outlet_events"], _run())
        return rows

    @task(pool=WRITER)
    def transform() -> dict[str, int]:
        return steps.build_marts(load_settings(), _run_id())

    @task
    def gate_marts() -> int:
        return steps.gate_marts(load_settings(), _run_id(), accept_drift=_accept_drift())

    @task(pool=WRITER, outlets=PUBLISHED)
    def publish() -> int:
        version = steps.publish(load_settings(), _run_id())
        tell_published(get_current_context()["outlet_events"], _run())
        return version

    @task(**STORAGE_HICCUP)
    def settle() -> dict[str, int]:
        return steps.settle(load_settings(), _run_id())

    @teardown  # as in the daily load: it runs whatever happened, and does not decide whether the run was good
    @task(on_success_callback=PublishedNotifier())
    def report() -> str:
        return str(steps.report(load_settings(), _run_id())["verdict"])

    read = extract.expand(first=select())
    before_load = read >> compare() >> gate_batch() >> turn()
    before_load >> load() >> transform() >> gate_marts() >> publish() >> settle() >> report()


imr_reparse()
