"""Writes docs/cli.md, the reference of the `imr` command, from its help texts: `make docs`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from imr.cli import main
from imr.settings import PROJECT_ROOT

FILE = PROJECT_ROOT / "docs" / "cli.md"
INTRODUCTION = """# The `imr` command

Generated from the command's help texts by `make docs`; a test compares them.
"""


def render_reference() -> str:
    """Return the reference as Markdown, a section for each command."""
    sections = [f"## `{path}`\n\n```text\n{text}\n```\n" for path, text in _list_help(main, "imr")]
    return "\n".join([INTRODUCTION, *sections])


def _list_help(command: click.Command, path: str) -> Iterator[tuple[str, str]]:
    context = click.Context(command, info_name=path, max_content_width=100, terminal_width=100, **main.context_settings)
    yield path, "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from _list_help(command.commands[name], f"{path} {name}")


if __name__ == "__main__":
    FILE.write_text(render_reference(), "utf-8")
