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
| `accept_withdrawn` | lets letters go that are loaded and are refused now |
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
  go, trigger again with `accept_withdrawn`: their rows leave the warehouse, the files go to the quarantine, and the
  version before still has them. Where only their reader failed (`timed_out`, `crashed`), they stay as they were.
- `gate_batch`, `load`, `transform`, `gate_marts`, `publish`: see the manual of `imr_daily_load`. Where another run
  was published meanwhile, trigger again.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Param, dag, task

from extract.reasons import Reason
from imr.airflow import load_tasks
from imr.airflow.notifiers import FailureNotifier
from imr.airflow.task_defaults import START, STORAGE_HICCUP, task_defaults
from imr.pipeline import reparse
from imr.settings import load_settings

DAY = {"type": ["null", "string"], "format": "date"}


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
        "accept_withdrawn": Param(
            False, type="boolean", description="Let letters go that are loaded and are refused now."
        ),
        "accept_drift": load_tasks.ACCEPT_DRIFT,
        "chunk_size": load_tasks.CHUNK_SIZE,
    },
)
def imr_reparse() -> None:
    """Wire the steps: what is read again goes on only where that changes something."""

    @task(**STORAGE_HICCUP)
    def select() -> list[int]:
        return reparse.select(load_settings(), load_tasks.run_id(), reparse.Plan.from_params(load_tasks.params()))

    @task.short_circuit
    def compare() -> bool:
        return reparse.compare(load_settings(), load_tasks.run_id())

    gated, published = load_tasks.gate_to_publication()
    load_tasks.extract.expand(first=select()) >> compare() >> gated
    published >> load_tasks.settle() >> load_tasks.as_teardown(load_tasks.report)


imr_reparse()
