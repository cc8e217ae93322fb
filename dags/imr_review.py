"""### Review of quarantined letters and reissues

After each publication, or when triggered by hand, asks what to do with the files without a decision: quarantined ones,
and letters that replaced an older letter of their case. One question for up to fifty files.

**How to answer.** The run waits in *Required Actions* (bell in the side bar, or the tab of the run). The table names
each file by an id. Choose an answer for all of them; enter ids in `files` to decide on some only (one a line; the rest
are asked about again); give the reason in `note`.

| answer | for a quarantined letter | for a reissue |
|---|---|---|
| *retry* | read again (`imr_reparse`), after a limit was raised or a format added | read again |
| *release* | `identity_found` only: loaded, with the flag `released_by_person` | confirmed |
| *reject* | stays in the quarantine, and is not asked about again | the older letter of the case is current again |
| *later* | nothing; asked about after the next publication | the same |

The answer becomes a row of `raw.reviews` with the next load (until then it is a file in `reviews/`):
`imr sql --full "FROM raw.reviews"`. A later decision replaces an earlier one. In a terminal, use
`imr review list` and `imr review reject ID --note ...`.

| step | what it does |
|---|---|
| `list_candidates` | lists the files without a decision; if there are none, the rest is skipped |
| `decide` | waits for an answer, without occupying a worker; after 20 hours the answer is *later* |
| `record` | records the decision |
| `read_again` | starts `imr_reparse` with the letters that must be read again |

Loads do not wait for an answer. Further runs of this DAG queue behind the one that waits.

**When a task is red**, nothing was decided.

- `record`: an id that is not in the table, or *release* of letters that cannot be released. The message names them and
  the remedy. Trigger the DAG again for a new question.
- `list_candidates`: the warehouse or a file in `reviews/` cannot be read; the message names it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, dag, task

from imr.airflow import load_tasks
from imr.airflow.notifiers import FailureNotifier
from imr.airflow.task_defaults import START, WAREHOUSE, task_defaults
from imr.pipeline import reparse, review
from warehouse.intake.reviews import REJECT, RELEASE, RETRY


@dag(
    dag_id="imr_review",
    description="Asks for decisions on quarantined letters and reissues",
    doc_md=__doc__,
    schedule=[WAREHOUSE],
    start_date=START,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=22),
    tags=["imr", "review"],
    default_args=task_defaults(minutes=10),
    on_failure_callback=FailureNotifier(),
)
def imr_review() -> None:
    """Wire `imr.pipeline.review` to Airflow's human-in-the-loop operator."""

    @task.short_circuit
    def list_candidates() -> dict[str, Any] | None:
        return review.make_question(load_tasks.open_context())

    question = list_candidates()
    decide = HITLOperator(
        task_id="decide",
        subject="{{ ti.xcom_pull('list_candidates')['subject'] }}",
        body="{{ ti.xcom_pull('list_candidates')['body'] }}",
        options=[RETRY, RELEASE, REJECT, review.LATER],
        defaults=review.LATER,
        response_timeout=timedelta(hours=20),  # so that each day's question lists that day's files
        params={
            "note": Param(None, type=["null", "string"], description="The reason."),
            "files": Param(
                [],
                type=["null", "array"],
                items={"type": "string"},
                description="Ids of the files to decide on, one a line; all listed files if empty.",
            ),
        },
    )

    @task
    def record(listed: dict[str, Any], answer: dict[str, Any]) -> list[dict[str, Any]]:
        hashes = review.record_answer(load_tasks.open_context(), listed["hashes"], answer)
        return [{"sha256": hashes}] if hashes else []

    question >> decide
    recorded = record(question, decide.output)
    TriggerDagRunOperator.partial(task_id="read_again", trigger_dag_id=reparse.DAG_ID).expand(conf=recorded)


imr_review()
