"""What goes wrong with Airflow as a whole, told with the remedy."""

from __future__ import annotations

from pathlib import Path


class AirflowServiceError(RuntimeError):
    """Airflow could not be prepared, started or stopped; the message says why and where to look."""


def log_tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log file that has any text; an empty string if it is no file."""
    if not log.is_file():
        return ""
    text = log.read_text(encoding="utf-8", errors="replace")
    return "\n".join([line for line in text.splitlines() if line.strip()][-lines:])
