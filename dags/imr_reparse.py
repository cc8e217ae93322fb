"""### Stored letters read again

Reads letters of the archive or the quarantine again, shows what changes, and publishes it if both gates pass. Started
by hand, by `imr reparse`, or by a decision in `imr_review`. One run at a time.

| param | which letters |
|---|---|
| `reasons` | quarantined for one of these reasons |
| `formats` | loaded in one of these formats |
| `from_date`, `to_date` | last read on these days (UTC, inclusive) |
| `parser_version` | last read by this version of the parser |
| `sha256` | the files with these hashes |
| `dry_run` | shows what would change and publishes nothing |
| `accept_withdrawn` | withdraws loaded letters that are quarantined now |
| `accept_drift` | loads letters that differ from the past loads; inspect them first |
| `full_refresh` | builds every model anew; the way out if an incremental build has failed |
| `chunk_size` | letters that one task reads |

A letter is selected if it meets all conditions; without any, every stored letter is. Quarantined files that were
rejected in review are selected only by `sha256`.

| step | what it does |
|---|---|
| `select` | selects the letters from the published ledger, and finds their files |
| `extract` | reads them, one task a chunk |
| `compare` | logs and reports the rows added, changed (in which columns) and removed |
| `gate_batch`, `publish_lock`, `load`, `transform`, `gate_marts`, `publish` | as in `imr_daily_load` |
| `archive` | moves files between quarantine and archive according to their new outcome |
| `report` | writes the report with the comparison: `runs/<run id>/report.html` |

**If nothing changed**, or in a dry run, every step from `gate_batch` to `archive` is skipped, and nothing is published.

**When a task is red**, nothing was published and no file was moved.

- `select`: an unknown reason, format or date, or nothing is published yet.
- `compare`: loaded letters are quarantined now; the message names them. Correct the parser. To withdraw them, trigger
  again with `accept_withdrawn`: their rows leave the warehouse, their files move to the quarantine, and the version
  before keeps them. Letters whose reader failed (`timed_out`, `crashed`) stay as they were.
- `gate_batch`, `load`, `transform`, `gate_marts`, `publish`: see `imr_daily_load`. If another run was published
  meanwhile, trigger again.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Param, dag, task

from extract.reasons import Reason
from imr.airflow import load_tasks
from imr.airflow.notifiers import FailureNotifier
from imr.airflow.task_defaults import START, STORAGE_RETRY, task_defaults
from imr.pipeline import reparse

DAY = {"type": ["null", "string"], "format": "date"}
TEXTS = {"type": ["null", "array"], "items": {"type": "string"}}


@dag(
    dag_id=reparse.DAG_ID,
    description="Stored letters read again, compared, and published if anything changed",
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
            [], **TEXTS, examples=[str(r) for r in Reason], description="Quarantined for one of these reasons."
        ),
        "formats": Param([], **TEXTS, description="Loaded in one of these formats."),
        "from_date": Param(None, **DAY, description="Last read on this day or later (UTC)."),
        "to_date": Param(None, **DAY, description="Last read on this day or earlier (UTC)."),
        "parser_version": Param(None, type=["null", "string"], description="Last read by this parser version."),
        "sha256": Param([], **TEXTS, description="Hashes of the files."),
        "dry_run": Param(False, type="boolean", description="Show what would change; publish nothing."),
        "accept_withdrawn": Param(
            False, type="boolean", description="Withdraw loaded letters that are quarantined now."
        ),
        "accept_drift": load_tasks.ACCEPT_DRIFT,
        "full_refresh": load_tasks.FULL_REFRESH,
        "chunk_size": load_tasks.CHUNK_SIZE,
    },
)
def imr_reparse() -> None:
    """Wire the steps of a reparse, which goes on after the comparison only if something changed."""

    @task(**STORAGE_RETRY)
    def select() -> list[int]:
        plan = reparse.Plan.from_params(load_tasks.params())
        return reparse.select(load_tasks.open_context(), load_tasks.run_id(), plan)

    @task.short_circuit
    def compare() -> bool:
        return reparse.compare(load_tasks.open_context(), load_tasks.run_id())

    gated, published = load_tasks.gate_to_publication()
    load_tasks.extract.expand(first=select()) >> compare() >> gated
    published >> load_tasks.archive() >> load_tasks.as_teardown(load_tasks.report)


imr_reparse()
