"""`imr backfill`: an archive of letters in batches."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

import click

from imr.context import Context


@click.command()
@click.argument("folder", required=False)
@click.option("--name", help="Name of the backfill to plan, continue or show.")
@click.option("--batch-size", type=click.IntRange(min=1), help="Letters of one load; IMR_BACKFILL_BATCH by default.")
@click.option("--status", "only_status", is_flag=True, help="Only show the progress, of all if none is named.")
@click.pass_obj
def backfill(
    context: Context, folder: str | None, name: str | None, batch_size: int | None, *, only_status: bool
) -> None:
    """Load an archive of letters in batches, each a version of its own; continue where it was stopped.

    FOLDER is a path or a URL; it is planned once and only read. Runs here, one batch after the other; the DAG
    `imr_backfill` does the same on all workers.

    \b
    imr backfill /archive/2015 --name year-2015
    imr backfill --name year-2015            continue, and try failed batches again
    imr backfill --status
    """
    from imr.pipeline import backfill as pipeline

    if only_status:
        chosen = [context.open_backfill(name)] if name else pipeline.list_backfills(context)
        for one in chosen:
            click.echo(pipeline.format_progress(one.name, one.find_progress(datetime.now(UTC))))
        if not chosen:
            click.echo("no backfill was planned here")
        return
    if not name:
        raise click.UsageError("--name is missing: the name of a new backfill, or of the one to continue")
    left = pipeline.plan(context, name, folder, batch_size)
    click.echo(f"{len(left)} batches to load", err=True)
    os.umask(0o077)  # what a load writes is for its owner alone
    failed = pipeline.run_here(context, name, left, lambda text: click.echo(text, err=True))
    sys.exit(1 if failed else 0)
