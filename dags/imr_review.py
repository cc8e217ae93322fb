"""### A person decides on refused letters and reissues

After each publication, and when triggered by hand, asks what is to become of the letters that nobody has decided on:
refused ones, and those that replaced an older letter of their case. One question for all of them, at most fifty.

**How to answer.** The run waits in *Required Actions* (bell in the side bar, or the tab of the run). The table
names each letter by an id. Choose what is to become of them; put ids into `files` to decide on some only (one a
line; the rest is asked about again); say why in `note`.

| answer | of a refused letter | of a reissue |
|---|---|---|
| *retry* | read again (`imr_reparse`): after a limit was raised, a layout added | read again |
| *release* | `identity_found` only: let through, with the flag `released_by_person` | confirmed |
| *reject* | stays in the quarantine, and is not asked about again | the older letter of the case is current again |
| *later* | nothing; asked about after the next publication | the same |

Who answered, when and why becomes a row of `raw.reviews` with the load that follows (until then it is a file in
`reviews/`): `imr sql --full "FROM raw.reviews"`. A later decision replaces an earlier one; in a terminal the same is
`imr review list`, `imr review reject ID --note ...`.

| step | what it does |
|---|---|
| `offer` | lists what nobody has decided on; if there is nothing, the rest is skipped |
| `decide` | waits for a person, without holding a worker; after 20 hours it is *later* |
| `record` | writes the decision down, and says what follows from it |
| `read_again` | starts `imr_reparse` with the letters for which the decision needs it |

Nothing waits for an answer: letters are loaded and published meanwhile, and runs of this DAG queue up behind the one
that asks.

**When a task is red**, nothing was decided.

- `record`: an id that is not in the table, or *release* of letters in which there is nothing to release. The message
  says which, and what to do about them. Trigger the DAG again to be asked anew.
- `offer`: the warehouse or a file in `reviews/` cannot be read; the message names it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, dag, task

from imr.airflow.notifiers import FailureNotifier
from imr.airflow.task_defaults import START, WAREHOUSE, task_defaults
from imr.pipeline import reparse, review
from imr.settings import load_settings
from warehouse.intake.reviews import REJECT, RELEASE, RETRY


@dag(
    dag_id="imr_review",
    description="A person decides on refused letters and reissues",
    doc_md=__doc__,
    schedule=[WAREHOUSE],
    start_date=START,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=22),
    tags=["imr", "a person decides"],
    default_args=task_defaults(minutes=10),
    on_failure_callback=FailureNotifier(),
)
def imr_review() -> None:
    """Wire `imr.pipeline.review` to Airflow's question to a person."""

    @task.short_circuit
    def offer() -> dict[str, Any] | None:
        return review.question(load_settings())

    asked = offer()
    decide = HITLOperator(
        task_id="decide",
        subject="{{ ti.xcom_pull('offer')['subject'] }}",
        body="{{ ti.xcom_pull('offer')['body'] }}",
        options=[RETRY, RELEASE, REJECT, review.LATER],
        defaults=review.LATER,
        response_timeout=timedelta(hours=20),  # so that each day's question lists that day's letters
        params={
            "note": Param(None, type=["null", "string"], description="Why."),
            "files": Param(
                [],
                type=["null", "array"],
                items={"type": "string"},
                description="Ids of the letters to decide on, one a line; all that are listed if empty.",
            ),
        },
    )

    @task
    def record(listed: dict[str, Any], answer: dict[str, Any]) -> list[dict[str, Any]]:
        again = review.record_answer(load_settings(), listed["hashes"], answer)
        return [{"sha256": again}] if again else []

    asked >> decide
    recorded = record(asked, decide.output)
    TriggerDagRunOperator.partial(task_id="read_again", trigger_dag_id=reparse.DAG_ID).expand(conf=recorded)


imr_review()
