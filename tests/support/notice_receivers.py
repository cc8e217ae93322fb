"""A mail server and a webhook on loopback that keep what they receive."""

from __future__ import annotations

import json
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, TypeVar

S = TypeVar("S", bound=socketserver.BaseServer)


class MailSink(socketserver.ThreadingTCPServer):
    """An SMTP server without login and encryption."""

    daemon_threads = True

    def __init__(self) -> None:
        self.mails: list[Message] = []
        super().__init__(("127.0.0.1", 0), _MailSession)

    @property
    def connection(self) -> str:
        """The Airflow connection to it, as a URI."""
        return (
            f"smtp://127.0.0.1:{self.server_address[1]}/?disable_ssl=true&disable_tls=true&from_email=imr@example.org"
        )


class _MailSession(socketserver.StreamRequestHandler):
    server: MailSink

    def handle(self) -> None:
        self._send("220 sink")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self._send("354 go on")
                lines = []
                while (text := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(text)
                self.server.mails.append(message_from_bytes(b"".join(lines)))
            self._send("221 bye" if verb == b"QUIT" else "250 ok")
            if verb == b"QUIT":
                return

    def _send(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class WebhookSink(ThreadingHTTPServer):
    """Answers every POST with the same status, and keeps path and JSON body."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.posts: list[tuple[str, Any]] = []
        super().__init__(("127.0.0.1", 0), _Post)

    @property
    def connection(self) -> str:
        """The Airflow connection to it; the secret part is the password, as for Slack."""
        return json.dumps(
            {
                "conn_type": "slackwebhook",
                "host": f"http://127.0.0.1:{self.server_address[1]}/services",
                "password": "T0/s3cret",
            }
        )


class _Post(BaseHTTPRequestHandler):
    server: WebhookSink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((self.path, json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def served(server: S) -> Iterator[S]:
    """Serve from a thread during the block."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
