"""### Daily load of determination letters

Reads the letters in the inbox, loads them, builds the marts, and publishes a new version of the warehouse if both
gates pass. Runs every day, one run at a time. Trigger it by hand to load at once, or to load another folder.

| step | what it does | what it writes to `runs/<run id>/` |
|---|---|---|
| `scan` | finds new, duplicate and known files | `arrivals.jsonl` |
| `extract` | reads the letters, one task a chunk | Parquet: `letters/`, `decisions/`, `files/` ... |
| `gate_batch` | checks the batch before it is loaded | Data Docs |
| `publish_lock` | waits while another run (of a backfill, a reparse) is between `load` and `publish` | |
| `load` | writes the raw rows and the ledger of this load | `candidate/raw/` |
| `transform` | changes the marts in a copy of the BI file, tests them | `candidate/marts.duckdb`, `build/`, `dbt/` |
| `gate_marts` | checks the marts against the published version | Data Docs |
| `publish` | makes the candidate the current version | |
| `archive` | moves published files to the archive or the quarantine | |
| `report` | writes the report, also after a failure | `report.html`, `report.json` |

**If nothing is new**, every step between `scan` and `archive` is skipped, and nothing is published.

**When a task is red**, nothing was published and readers still see the version before. The last lines of its log
name the cause and the remedy. Correct the cause, then clear the run. The chapters of `docs/runbook.md` list the
messages and the remedies:

- `scan`: the inbox does not exist or cannot be read, or the warehouse's storage is gone
  (runbook: "The storage is gone").
- `extract`: no reader process starts, or the storage of a letter is gone (runbook: "The storage is gone"). A single
  letter never fails the task.
- `gate_batch`: many letters of the batch break a rule, never a single one. The message names the rule, the observed
  and the allowed value, the letters, and the commands that show them. The button *Data Docs* lists every row. Correct
  the parser or the vocabulary, or remove the files from the inbox; then clear the run
  (runbook: "A gate stopped the load"; if readers crashed on many letters, runbook: "The parser died of many letters").
  If only a rule of `batch_drift` is broken and you have inspected the batch (an old year, for example), trigger again
  with `accept_drift`: drift then only warns, and every other rule still blocks.
- `load`: most likely no space left (runbook: "The storage is gone").
- `transform`: the message names each failed model or test, its compiled SQL and the failing rows
  (runbook: "dbt failed"). If an incremental build is the cause, trigger again with `full_refresh`.
- `gate_marts`: cases are missing from the marts, or a month's rates are out of range. `imr sql --run RUN`
  queries the candidate, `imr sql` the published version (runbook: "A gate stopped the load").
- `publish`: another load was published meanwhile, or another process has the candidate open. Run again
  (runbook: "Another process holds the warehouse").
- `archive`, `report`: the version is published; the letters' storage is gone. Clear the task
  (runbook: "The storage is gone").
- any of them, after an hour: runbook: "A step took too long".

Steps that only move bytes are retried once after ten seconds. Steps that decide (gates, dbt, publication) are not.
`IMR_NOTIFY` sets who gets notices. Schedule what follows a publication on the assets `imr_warehouse`,
`imr_marts_decisions`, `imr_marts_outcomes`, `imr_marts_intake`.

A file that cannot be read never fails a task, nor does a letter that states what cannot be counted (an unknown outcome,
a date to come): it is quarantined with a reason, and listed in the report.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Param, dag, task

from imr.airflow import load_tasks
from imr.airflow.notifiers import FailureNotifier
from imr.airflow.task_defaults import START, STORAGE_RETRY, task_defaults
from imr.pipeline import steps


@dag(
    dag_id="imr_daily_load",
    description="Letters from the inbox to a published warehouse",
    doc_md=__doc__,
    schedule="0 5 * * *",
    start_date=START,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=12),  # covers waiting for a free worker; each step has its own limit
    tags=["imr", "daily"],
    default_args=task_defaults(minutes=60),
    on_failure_callback=FailureNotifier(),  # for runs that fail without a failed task
    params={
        "inbox": Param(None, type=["null", "string"], description="Folder to load; the project's inbox if empty."),
        "chunk_size": load_tasks.CHUNK_SIZE,
        "accept_drift": load_tasks.ACCEPT_DRIFT,
        "full_refresh": load_tasks.FULL_REFRESH,
    },
)
def imr_daily_load() -> None:
    """Wire the steps of a load, after a scan of the inbox."""

    @task(**STORAGE_RETRY)
    def scan() -> list[int]:
        params = load_tasks.params()
        return steps.scan(load_tasks.open_context(), load_tasks.run_id(), params["inbox"], params["chunk_size"])

    gated, published = load_tasks.gate_to_publication()
    load_tasks.extract.expand(first=scan()) >> gated
    published >> load_tasks.archive.override(trigger_rule="none_failed")() >> load_tasks.as_teardown(load_tasks.report)


imr_daily_load()
