"""Errors of Airflow as a whole."""

from __future__ import annotations

from pathlib import Path


class AirflowServiceError(RuntimeError):
    """Airflow could not be prepared, started or stopped; the message names the reason and the log."""


def log_tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log that are not blank; an empty string if there is no such file."""
    if not log.is_file():
        return ""
    text = log.read_text(encoding="utf-8", errors="replace")
    return "\n".join([line for line in text.splitlines() if line.strip()][-lines:])
