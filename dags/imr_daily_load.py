"""### Daily load of determination letters

Reads the letters that arrived in the drop folder, loads them, builds the marts, and publishes a new
version of the warehouse if both gates pass. Runs every day, one run at a time; trigger it by hand to
load at once or to load another folder.

| step | what it does | what it leaves in `runs/<run id>/` |
|---|---|---|
| `scan` | tells new files from duplicates and known ones | `arrivals.jsonl` |
| `extract` | reads the letters, a chunk a task | Parquet: `letters/`, `decisions/`, `citations/`, `flags/`, `files/` |
| `gate_batch` | checks the batch before it is loaded | Data Docs |
| `turn` | waits while another run (a backfill's, a reparse) is between its `load` and its publication | |
| `load` | copies the current warehouse, loads raw tables and ledger in one transaction | `candidate/imr.duckdb` |
| `transform` | dbt: staging, intermediate, marts, tests | `dbt/` |
| `gate_marts` | checks the marts against sense and the published version | Data Docs |
| `publish` | makes the candidate a version, flips the link that readers follow | |
| `settle` | brings published files to the archive or the quarantine | |
| `report` | says what happened, also when something failed | `report.html`, `report.json` |

**Nothing new** in the folder: every step between `scan` and `settle` is skipped, and nothing is published.

**When a task is red**, nothing was published and readers still see the version before. Its log's last
lines say what, where and what to do; the run can simply be cleared and run again once that is done. Chapters of
`docs/runbook.md` show the messages and what to do step by step:

- `scan`: the drop folder is not there, cannot be read, or the warehouse's storage is gone
  (runbook: "The storage is gone").
- `extract`: no reader starts, or the storage of a letter is gone (runbook: "The storage is gone"). A single letter
  never makes it red.
- `gate_batch`: the message names the rule, what was seen and what is allowed, each letter that broke it by case
  number, file and page, and the commands that show them. The button *Data Docs* opens the same with every row. Mend
  the grammar, or take the file out of the drop folder; then clear the run
  (runbook: "A gate stopped the load"; where readers died of many letters, runbook: "The parser died of many letters").
  Where only a rule of `batch_drift` is broken and you have looked (an old year, say), trigger again with
  `accept_drift`: it is shown as a warning marked as accepted, and every other rule holds as before.
- `load`: no space left, most likely (runbook: "The storage is gone").
- `transform`: the message names each failed model or test, its compiled SQL and the failing rows
  (runbook: "dbt failed"), or who has the candidate open (runbook: "Another process holds the warehouse").
- `gate_marts`: the marts lost cases, a month has shrunk or tells nonsense: named in the same way. `imr sql --run RUN`
  asks the candidate, `imr sql` the published version (runbook: "A gate stopped the load").
- `publish`: another load published meanwhile, or somebody has the candidate open. Run again
  (runbook: "Another process holds the warehouse").
- `settle`, `report`: the version is published; the letters' storage is gone. Clear the task
  (runbook: "The storage is gone").
- any of them, after an hour: runbook: "A step took too long".

Steps that only move bytes are retried once after ten seconds; what decides (gates, dbt, publication) would decide the
same again and is not. Who is told: `IMR_NOTIFY`. What follows a publication is scheduled on the assets
`imr_warehouse`, `imr_marts_decisions`, `imr_marts_outcomes`, `imr_marts_intake`.

A file that cannot be read never makes a task red: it is quarantined with a reason, and the report tells it.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Param, dag, task

from imr.airflow import load_tasks
from imr.airflow.notifiers import FailureNotifier
from imr.airflow.task_defaults import START, STORAGE_HICCUP, task_defaults
from imr.pipeline import steps
from imr.settings import load_settings


@dag(
    dag_id="imr_daily_load",
    description="Letters from the drop folder to a published warehouse",
    doc_md=__doc__,
    schedule="0 5 * * *",
    start_date=START,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=12),  # as for a queue that nobody empties; each step has its own limit
    tags=["imr", "daily"],
    default_args=task_defaults(minutes=60),
    on_failure_callback=FailureNotifier(),  # for what fails without a failed task; a run is told of once
    params={
        "drop_folder": Param(
            None, type=["null", "string"], description="Folder to load; the project's inbox if empty."
        ),
        "chunk_size": load_tasks.CHUNK_SIZE,
        "accept_drift": load_tasks.ACCEPT_DRIFT,
    },
)
def imr_daily_load() -> None:
    """Wire the steps, of which only the first is this DAG's own."""

    @task(**STORAGE_HICCUP)
    def scan() -> list[int]:
        return steps.scan(
            load_settings(), load_tasks.run_id(), load_tasks.params()["drop_folder"], load_tasks.params()["chunk_size"]
        )

    gated, published = load_tasks.gate_to_publication()
    load_tasks.extract.expand(first=scan()) >> gated
    published >> load_tasks.settle.override(trigger_rule="none_failed")() >> load_tasks.as_teardown(load_tasks.report)


imr_daily_load()
