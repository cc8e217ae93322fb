"""Notices: their text, one for each event, and delivery over real sockets without a secret."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from imr.reporting.notices import MAX_ERROR_LINES, Notice, failure_notice, forget_notice, record_notice
from imr.reporting.runbook import find_chapter, load_chapters
from imr.service import airflow_environment
from imr.settings import Settings
from tests.conftest import PROJECT
from tests.support.notice_receivers import MailSink, WebhookSink, served

TEXT = "a {{ 7 * 7 }} <script> & <!channel> ``` end"
DELIVER = """
import sys
from imr.airflow.channels import NotDeliveredError, deliver
from imr.reporting.notices import Notice
try:
    deliver(sys.argv[1], Notice("imr_daily_load failed at load", sys.argv[2], todo="clear it"))
except NotDeliveredError as error:
    print("NOT DELIVERED", error)
"""


@pytest.mark.slow
def test_a_notice_is_sent_verbatim_by_every_channel_and_a_failed_one_is_named_without_its_secret(
    tmp_path: Path,
) -> None:
    """Delivers in a process of its own, as a task does."""
    channels = "log slack:broken smtp:ops_mail:a@example.org,b@example.org slack:missing slack:chat"
    with served(MailSink()) as mail, served(WebhookSink()) as webhook, served(WebhookSink(status=500)) as broken:
        environment = airflow_environment(Settings(home=tmp_path / "home")) | {
            "AIRFLOW_CONN_OPS_MAIL": mail.connection,
            "AIRFLOW_CONN_CHAT": webhook.connection,
            "AIRFLOW_CONN_BROKEN": broken.connection,
        }
        command = [sys.executable, "-c", DELIVER, channels, TEXT]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (failed,) = [line for line in done.stdout.splitlines() if "NOT DELIVERED" in line]
    assert "slack:broken: HTTPError: the webhook answered 500" in failed
    assert "slack:missing" in failed
    assert "slack:chat" not in failed
    assert "s3cret" not in done.stdout + done.stderr

    (message,) = mail.mails
    assert message["Subject"] == "imr_daily_load failed at load"
    assert message["To"] == "a@example.org, b@example.org"
    assert message["From"] == "imr@example.org"
    body = "".join(str(part.get_payload(decode=True).decode()) for part in message.walk() if not part.is_multipart())
    assert "a {{ 7 * 7 }} &lt;script&gt;" in body
    assert "What to do: clear it" in body
    ((path, post),) = webhook.posts
    assert path == "/services/T0/s3cret"
    assert "{{ 7 * 7 }} &lt;script&gt; &amp; &lt;!channel&gt; ''' end" in post["text"]


def test_an_event_is_recorded_once_until_it_is_forgotten(tmp_path: Path) -> None:
    folder, notice = tmp_path / "notices", Notice("late", "no load today")
    assert record_notice(folder, "late 2026-01-05", notice)
    assert not record_notice(folder, "late 2026-01-05", notice)
    assert record_notice(folder, "late 2026-01-06", notice)
    assert [json.loads(f.read_text())["subject"] for f in folder.iterdir()] == ["late", "late"]
    forget_notice(folder, "late 2026-01-05")
    assert record_notice(folder, "late 2026-01-05", notice)


def test_a_failure_notice_has_error_run_remedy_and_links() -> None:
    error = "GateError: the batch gate stopped this load\n" + "\n".join(f"letter {n}" for n in range(100))
    notice = failure_notice(error, dag_id="imr_daily_load", run_id="r1", task="gate_batch", links={"report": "r.html"})
    assert notice.subject == "imr_daily_load failed at gate_batch"
    output = notice.as_text()
    assert "run   r1" in output
    assert "What to do: Inspect the named letters" in output
    assert "docs/runbook.md, 'A gate stopped the load'" in output
    assert "r.html" in output
    assert f"and {101 - MAX_ERROR_LINES} more lines" in output


@pytest.mark.parametrize(
    ("error", "heading"),
    [
        ("GateError: the batch gate stopped this load", "A gate stopped the load"),
        (
            "GateError: the batch gate stopped this load\nBLOCK\n 9.pdf: ended = crashed",
            "The parser died of many letters",
        ),
        ("TransformError: dbt: 1 of 80 nodes failed", "dbt failed"),
        ('IOException: IO Error: Could not set lock on file "x"', "Another process holds the warehouse"),
        ("OSError: [Errno 28] No space left on device", "The storage is gone"),
        ("KeyError: 'x'", "Anything else"),
    ],
)
def test_an_error_has_a_chapter_of_the_runbook(error: str, heading: str) -> None:
    assert find_chapter(error).heading == heading


def test_the_runbook_has_every_chapter() -> None:
    headings = [line.removeprefix("## ") for line in (PROJECT / "docs" / "runbook.md").read_text().splitlines()]
    assert len(load_chapters()) >= 5
    assert [c.heading for c in load_chapters() if c.heading not in headings] == []


@pytest.mark.parametrize("good", ["log", "smtp:mail:a@x.org", "log smtp:m:a@x.org,b@y.org slack:chat"])
def test_valid_channels_are_accepted(good: str) -> None:
    assert Settings(notify=good).notify == good


@pytest.mark.parametrize(
    "bad", ["", "pigeon", "smtp:mail", "slack:https://hooks.example.org/s3cret", "smtp:u:s3cret@host:25:a@x.org"]
)
def test_an_invalid_channel_is_an_error_that_does_not_repeat_it(bad: str) -> None:
    with pytest.raises(ValidationError) as error:
        Settings(notify=bad)
    assert "slack:CONNECTION" in str(error.value)
    assert "s3cret" not in str(error.value)
