"""Text that cannot control a terminal."""

from __future__ import annotations

import json


def printable(text: str) -> str:
    """Return text with control and formatting characters, newlines included, replaced by U+FFFD."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)


def printable_lines(text: str) -> str:
    """Return text of several lines with control and formatting characters replaced by U+FFFD."""
    return "\n".join(printable(line) for line in text.split("\n"))


def printable_json(text: str) -> str:
    """Return JSON with control and formatting characters escaped, which changes no value."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
