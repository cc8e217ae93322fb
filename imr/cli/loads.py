"""Loads of letters into the warehouse: `imr run`, `imr status`, `imr samples`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from imr.settings import Settings


@click.command()
@click.option("--drop", help="A folder of letters, or its URL; the made-up samples if not given.")
@click.option("--accept-drift", is_flag=True, help="Let a batch pass that is unlike the past loads; look first.")
@click.pass_obj
def run(settings: Settings, drop: str | None, *, accept_drift: bool) -> None:
    """Load a folder of letters through the daily DAG, publish, and print what happened.

    The folder is only read: its letters are copied to the archive. Only the project's own inbox
    (see `imr config`) is emptied by a load.
    """
    from imr.cli.one_off_load import load_once  # noqa: PLC0415 - it brings the sample builder
    from warehouse.storage import as_place  # noqa: PLC0415

    report, status = load_once(
        settings,
        as_place(drop) if drop else None,
        accept_drift=accept_drift,
        say=lambda text: click.echo(text, err=True),
    )
    click.echo(report)
    sys.exit(status)


@click.command()
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def status(settings: Settings, shape: str) -> None:
    """Tell what is published, how every file ended, what waits in the drop folder, and what wants a person."""
    from imr.monitoring.status import as_text, make_status  # noqa: PLC0415

    told = make_status(settings)
    click.echo(json.dumps(told, indent=2, default=str, ensure_ascii=False) if shape == "json" else as_text(told))


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def samples(folder: Path) -> None:
    """Write the made-up sample letters to a folder."""
    from imr.samples import write_samples  # noqa: PLC0415

    click.echo(f"{len(write_samples(folder))} files in {folder}")
