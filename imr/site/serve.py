"""A web server for one folder, on loopback, for looking at the site on the machine that built it."""

from __future__ import annotations

import functools
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LOOPBACK = "127.0.0.1"


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files, says nothing, and lets no browser keep a page of yesterday."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal shows the address."""

    def end_headers(self) -> None:
        """Let a browser ask every time; unchanged files are answered with 304."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of a folder on loopback, any free port if 0; `serve_forever` starts it. Raises OSError."""
    return ThreadingHTTPServer((LOOPBACK, port), functools.partial(_Quiet, directory=str(folder)))
