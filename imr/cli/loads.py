"""Loads of letters: `imr run`, `imr rebuild`, `imr status`, `imr samples`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from imr.context import Context
from imr.text import printable_json


@click.command()
@click.option("--inbox", "--drop", "inbox", help="A folder of letters or its URL; the synthetic samples by default.")
@click.option("--accept-drift", is_flag=True, help="Load a batch that differs from the past loads; inspect it first.")
@click.option("--full-refresh", is_flag=True, help="Build every model anew, if an incremental build has failed.")
@click.pass_obj
def run(context: Context, inbox: str | None, *, accept_drift: bool, full_refresh: bool) -> None:
    """Load a folder of letters through the daily DAG, publish, and print the report.

    The folder is only read: its letters are copied to the archive. Only the project's own inbox (see `imr config`) is
    emptied by a load.
    """
    from imr.cli.one_off_load import load_once
    from warehouse.storage import as_place

    report, status = load_once(
        context,
        as_place(inbox) if inbox else None,
        accept_drift=accept_drift,
        full_refresh=full_refresh,
        say=lambda text: click.echo(text, err=True),
    )
    click.echo(report)
    sys.exit(status)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.pass_obj
def rebuild(context: Context, *, dry_run: bool) -> None:
    """Build the marts anew from the loaded letters, show what changes, and publish it.

    Run it after a change of a seed, a coding rule or a model. No letter is read or loaded. If nothing changes, nothing
    is published.
    """
    from imr.cli.one_off_load import run_and_report
    from imr.pipeline.rebuild import DAG_ID

    context.versions.require_current()
    click.echo(f"building the marts anew through the DAG {DAG_ID} ...", err=True)
    report, status = run_and_report(context, DAG_ID, {"dry_run": dry_run}, say=lambda text: click.echo(text, err=True))
    click.echo(report)
    sys.exit(status)


@click.command()
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def status(context: Context, shape: str) -> None:
    """Show what is published, how every file ended, what waits in the inbox, and open problems."""
    from imr.monitoring.status import make_status
    from imr.monitoring.status_text import format_text

    made = make_status(context)
    if shape == "json":
        click.echo(printable_json(json.dumps(made, indent=2, default=str, ensure_ascii=False)))
    else:
        click.echo(format_text(made))


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def samples(folder: Path) -> None:
    """Write the synthetic sample letters to a folder."""
    from extract.samples import write_samples

    click.echo(f"{len(write_samples(folder))} files in {folder}")
