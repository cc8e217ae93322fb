"""Sends notices by the channels of `IMR_NOTIFY`, separated by blanks. Secrets are in Airflow connections.

log                      the log of the task, or of the DAG processor for a run without a failed task
smtp:CONNECTION:TO,TO    mail, by an Airflow connection of type `smtp`
slack:CONNECTION         a Slack incoming webhook, or any other that accepts `{"text": ...}`; its address is the
                         connection's password, or its host followed by the password
"""

from __future__ import annotations

import html
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable

from airflow.sdk.exceptions import AirflowException, AirflowRuntimeError

from imr.reporting.notices import Notice

TIMEOUT = 20.0
log = logging.getLogger("imr.notice")

Send = Callable[[Notice], None]


class NotDeliveredError(RuntimeError):
    """A channel failed to deliver a notice; the message names the channel and no secret."""


def deliver(channels: str, notice: Notice) -> None:
    """Send a notice by every channel of an `IMR_NOTIFY`.

    A channel that fails does not stop the others; raises `NotDeliveredError` at the end.
    """
    failed = []
    for channel in channels.split():
        try:
            _find_sender(channel)(notice)
        except (OSError, ValueError, AirflowException, AirflowRuntimeError) as error:
            failed.append(f"{channel}: {type(error).__name__}: {_describe_error(error)}")
    if failed:
        raise NotDeliveredError(f"{notice.subject!r} was not delivered by {'; '.join(failed)}")


def _find_sender(channel: str) -> Send:
    kind, _, rest = channel.partition(":")
    connection, _, to = rest.partition(":")
    if kind == "smtp":
        return lambda notice: _send_mail(connection, to.split(","), notice)
    if kind == "slack":
        return lambda notice: _post_to_webhook(connection, notice)
    return _log_notice


def _log_notice(notice: Notice) -> None:
    log.warning("%s\n\n%s", notice.subject, notice.as_text())


def _send_mail(connection: str, to: Iterable[str], notice: Notice) -> None:
    # Not the provider's SmtpNotifier: it renders its text as a Jinja template, and an error may quote a letter.
    from airflow.providers.smtp.hooks.smtp import SmtpHook  # noqa: PLC0415 - only needed for mail

    with SmtpHook(smtp_conn_id=connection) as hook:
        hook.send_email_smtp(
            to=list(to),
            from_email=hook.from_email or f"imr@{hook.host or 'localhost'}",
            subject=notice.subject,
            html_content=f"<pre>{html.escape(notice.as_text())}</pre>",
        )


def _post_to_webhook(connection: str, notice: Notice) -> None:
    body = json.dumps({"text": f"*{_escape(notice.subject)}*\n```{_escape(notice.as_text())}```"}).encode()
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked
        find_webhook_url(connection), body, {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - the scheme is checked
        answer.read()


def find_webhook_url(connection_id: str) -> str:
    """Return the webhook's address from an Airflow connection. Raises ValueError where it has none."""
    from airflow.sdk import BaseHook  # noqa: PLC0415 - takes four seconds, and only needed for webhooks

    connection = BaseHook.get_connection(connection_id)
    secret, host = connection.password or "", connection.host or ""
    url = secret if "://" in secret else f"{host.rstrip('/')}/{secret.lstrip('/')}"
    if "://" not in url:
        url = f"{connection.schema or 'https'}://{url}"
    if not url.startswith(("https://", "http://")) or not url.partition("://")[2].strip("/"):
        raise ValueError(f"the Airflow connection {connection_id} has no http(s) address of a webhook")
    return url


def _escape(text: str) -> str:
    """Return text that Slack shows literally: no mention, no link, no end of the block."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("```", "'''")


def _describe_error(error: Exception) -> str:
    """Return the first line of an error's message, without the webhook's address."""
    if isinstance(error, urllib.error.HTTPError):
        return f"the webhook answered {error.code}"
    return str(error).splitlines()[0] if str(error) else ""
