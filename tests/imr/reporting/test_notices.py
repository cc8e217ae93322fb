"""Notices: what they say, that each occasion is told once, and that they go out by real sockets without a secret."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from imr.reporting.notices import MAX_ERROR_LINES, Notice, failure_notice, write_down
from imr.reporting.runbook import chapter_of, chapters
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


def sent(tmp_path: Path, channels: str, **connections: str) -> str:
    """Deliver a notice in a process of its own, as a task does, and return what it printed."""
    environment = airflow_environment(Settings(home=tmp_path / "home"))
    environment |= {f"AIRFLOW_CONN_{name.upper()}": value for name, value in connections.items()}
    done = subprocess.run(
        [sys.executable, "-c", DELIVER, channels, TEXT],
        env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_a_notice_goes_out_as_mail_and_to_a_webhook_with_its_text_as_it_is(tmp_path: Path) -> None:
    with served(MailSink()) as mail, served(WebhookSink()) as webhook:
        told = sent(
            tmp_path, "log smtp:ops_mail:a@example.org,b@example.org slack:ops_chat",
            ops_mail=mail.connection, ops_chat=webhook.connection,
        )  # fmt: skip
    assert "NOT DELIVERED" not in told
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


def test_a_channel_that_fails_is_named_without_its_secret_and_the_others_are_used(tmp_path: Path) -> None:
    with served(WebhookSink(status=500)) as broken, served(WebhookSink()) as good:
        told = sent(tmp_path, "slack:broken slack:missing slack:good", broken=broken.connection, good=good.connection)
    assert len(good.posts) == 1
    assert "slack:broken: HTTPError: the webhook answered 500" in told
    assert "slack:missing" in told
    assert "s3cret" not in told


def test_an_occasion_is_told_once(tmp_path: Path) -> None:
    notice = Notice("late", "no load today")
    assert write_down(tmp_path / "notices", "late 2026-01-05", notice)
    assert not write_down(tmp_path / "notices", "late 2026-01-05", notice)
    assert write_down(tmp_path / "notices", "late 2026-01-06", notice)
    kept = [json.loads(f.read_text()) for f in (tmp_path / "notices").iterdir()]
    assert [k["subject"] for k in kept] == ["late", "late"]


def test_a_failure_says_what_where_what_to_do_and_where_to_read_on() -> None:
    error = "GateError: the batch gate stopped this load\n" + "\n".join(f"letter {n}" for n in range(100))
    notice = failure_notice(error, dag_id="imr_daily_load", run_id="r1", task="gate_batch", links={"report": "r.html"})
    assert notice.subject == "imr_daily_load failed at gate_batch"
    told = notice.as_text()
    assert "run   r1" in told
    assert "What to do: Look at the named letters" in told
    assert "docs/runbook.md, 'A gate stopped the load'" in told
    assert "r.html" in told
    assert f"{101 - MAX_ERROR_LINES} lines more" in told


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
def test_an_error_belongs_to_a_chapter(error: str, heading: str) -> None:
    assert chapter_of(error).heading == heading


def test_the_runbook_has_every_chapter() -> None:
    headings = [line.removeprefix("## ") for line in (PROJECT / "docs" / "runbook.md").read_text().splitlines()]
    assert len(chapters()) >= 5
    assert [c.heading for c in chapters() if c.heading not in headings] == []


@pytest.mark.parametrize("good", ["log", "smtp:mail:a@x.org", "log smtp:m:a@x.org,b@y.org slack:chat"])
def test_channels_are_named(good: str) -> None:
    assert Settings(notify=good).notify == good


@pytest.mark.parametrize(
    "bad", ["", "pigeon", "smtp:mail", "slack:https://hooks.example.org/s3cret", "smtp:u:s3cret@host:25:a@x.org"]
)
def test_what_is_no_channel_is_refused_and_not_repeated(bad: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(notify=bad)
    assert "slack:CONNECTION" in str(refused.value)
    assert "s3cret" not in str(refused.value)
