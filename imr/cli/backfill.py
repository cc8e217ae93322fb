"""`imr backfill`: an archive of letters in batches."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from imr.settings import Settings


@click.command()
@click.argument("folder", required=False)
@click.option("--name", help="What to call the backfill; the one to go on with, or to tell of.")
@click.option("--batch-size", type=click.IntRange(min=1), help="Letters in one load; IMR_BACKFILL_BATCH if not given.")
@click.option("--status", "only_told", is_flag=True, help="Only tell how far it is; of all, if none is named.")
@click.pass_obj
def backfill(settings: Settings, folder: str | None, name: str | None, batch_size: int | None, only_told: bool) -> None:
    """Load an archive of letters in batches, each a version of its own, and go on where it was stopped.

    FOLDER is a path or a URL; it is planned once and only read. Runs here, one batch after the other; the DAG
    `imr_backfill` does the same over as many workers as there are.

    \b
    imr backfill /archive/2015 --name year-2015
    imr backfill --name year-2015            go on, and try again what was set aside
    imr backfill --status
    """
    from imr.pipeline import backfill as steps  # noqa: PLC0415 - it brings the reader
    from warehouse.runs.backfill_state import Backfill  # noqa: PLC0415 - Arrow takes a moment to import

    if only_told:
        chosen = [Backfill.named(settings.backfills, name)] if name else steps.backfills(settings)
        for one in chosen:
            click.echo(steps.as_text(one.name, one.progress(datetime.now(UTC))))
        if not chosen:
            click.echo("no backfill was planned here")
        return
    if not name:
        raise click.UsageError("--name is missing: what to call the backfill, or which to go on with")
    left = steps.plan(settings, name, folder, batch_size)
    click.echo(f"{len(left)} batches to load", err=True)
    aside = steps.run_here(settings, name, left, lambda text: click.echo(text, err=True))
    sys.exit(1 if aside else 0)
