"""Text for terminals."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return text that cannot control a terminal: control and formatting characters become U+FFFD."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
