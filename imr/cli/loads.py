"""Loads of letters into the warehouse: `imr run`, `imr samples`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from imr.settings import Settings


@click.command()
@click.option("--drop", type=click.Path(path_type=Path), help="A folder of letters; the made-up samples if not given.")
@click.pass_obj
def run(settings: Settings, drop: Path | None) -> None:
    """Load a folder of letters through the daily DAG, publish, and print what happened.

    The folder is only read: its letters are copied to the archive. Only the project's own inbox
    (see `imr config`) is emptied by a load.
    """
    from imr.load_once import load_once  # noqa: PLC0415 - it brings the sample builder

    report, status = load_once(settings, drop, say=lambda text: click.echo(text, err=True))
    click.echo(report)
    sys.exit(status)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def samples(folder: Path) -> None:
    """Write the made-up sample letters to a folder."""
    from imr.samples import write_samples  # noqa: PLC0415 - a drawing library

    click.echo(f"{len(write_samples(folder))} files in {folder}")
