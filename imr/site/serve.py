"""Web server on loopback, to view the site on the machine that built it."""

from __future__ import annotations

import functools
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LOOPBACK = "127.0.0.1"


class _Handler(SimpleHTTPRequestHandler):
    """Serves files without logging."""

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the terminal shows the address."""

    def end_headers(self) -> None:
        """Make browsers revalidate each file; unchanged ones are answered with 304."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()


def make_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of a folder on loopback; port 0 takes a free one. Raises OSError."""
    return ThreadingHTTPServer((LOOPBACK, port), functools.partial(_Handler, directory=str(folder)))
