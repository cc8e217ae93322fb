"""Channels of `IMR_NOTIFY` and how they send a notice. Secrets are in Airflow connections, not in the setting.

    log                      the log of the task (or of the DAG processor, for a run without a failed task)
    smtp:CONNECTION:TO,TO    mail, by an Airflow connection of type `smtp`
    slack:CONNECTION         a Slack incoming webhook, or any that accepts `{"text": ...}`; its address is the
                             connection's password, or its host with the rest in the password

Several are separated by blanks.
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
    """A channel failed to send a notice; the message names the channel, and no secret."""


def deliver(channels: str, notice: Notice) -> None:
    """Send a notice by every channel of `IMR_NOTIFY`, even if one fails.

    Raises `NotDeliveredError` at the end if one failed.
    """
    failed = []
    for channel in channels.split():
        try:
            _sender(channel)(notice)
        except (OSError, ValueError, AirflowException, AirflowRuntimeError) as error:
            failed.append(f"{channel}: {type(error).__name__}: {_reason(error)}")
    if failed:
        raise NotDeliveredError(f"{notice.subject!r} was not sent by {'; '.join(failed)}")


def _sender(channel: str) -> Send:
    kind, _, rest = channel.partition(":")
    connection, _, to = rest.partition(":")
    if kind == "smtp":
        return lambda notice: _mail(connection, to.split(","), notice)
    if kind == "slack":
        return lambda notice: _post(connection, notice)
    return _write


def _write(notice: Notice) -> None:
    log.warning("%s\n\n%s", notice.subject, notice.as_text())


def _mail(connection: str, to: Iterable[str], notice: Notice) -> None:
    # Not the provider's SmtpNotifier: it renders its text as a Jinja template, and an error may quote a letter.
    from airflow.providers.smtp.hooks.smtp import SmtpHook  # noqa: PLC0415 - only needed for mail

    with SmtpHook(smtp_conn_id=connection) as hook:
        hook.send_email_smtp(
            to=list(to),
            from_email=hook.from_email or f"imr@{hook.host or 'localhost'}",
            subject=notice.subject,
            html_content=f"<pre>{html.escape(notice.as_text())}</pre>",
        )


def _post(connection: str, notice: Notice) -> None:
    body = json.dumps({"text": f"*{_plain(notice.subject)}*\n```{_plain(notice.as_text())}```"}).encode()
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked
        webhook_url(connection), body, {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - the scheme is checked
        answer.read()


def webhook_url(connection_id: str) -> str:
    """Return the webhook's address from an Airflow connection. Raises ValueError if it has none."""
    from airflow.sdk import BaseHook  # noqa: PLC0415 - takes four seconds, only needed for a webhook

    held = BaseHook.get_connection(connection_id)
    secret, host = held.password or "", held.host or ""
    url = secret if "://" in secret else f"{host.rstrip('/')}/{secret.lstrip('/')}"
    if "://" not in url:
        url = f"{held.schema or 'https'}://{url}"
    if not url.startswith(("https://", "http://")) or not url.partition("://")[2].strip("/"):
        raise ValueError(
            f"the Airflow connection {connection_id} has no http(s) address of a webhook: set its password or host"
        )
    return url


def _plain(text: str) -> str:
    """Return text that Slack shows literally: without mentions, links and ends of the block."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("```", "'''")


def _reason(error: Exception) -> str:
    """Return an error's first line; of an HTTP error the status only, without the address."""
    if isinstance(error, urllib.error.HTTPError):
        return f"the webhook answered {error.code}"
    return str(error).splitlines()[0] if str(error) else ""
