"""Stored letters: `imr reparse` reads them again, `imr review` records decisions on them."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from imr.context import Context

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.option("--reason", "reasons", multiple=True, help="Quarantined for this reason; repeatable.")
@click.option("--format", "formats", multiple=True, help="Loaded in this format; repeatable.")
@click.option("--from", "from_date", type=_DAY, help="Last read on this day or later (UTC).")
@click.option("--to", "to_date", type=_DAY, help="Last read on this day or earlier (UTC).")
@click.option("--parser-version", help="Last read by this version of the parser.")
@click.option("--sha256", multiple=True, help="The file with this hash; repeatable.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--accept-withdrawn", is_flag=True, help="Withdraw loaded letters that are quarantined now.")
@click.option("--accept-drift", is_flag=True, help="Load letters that differ from the past loads; inspect them first.")
@click.option("--full-refresh", is_flag=True, help="Build every model anew, if an incremental build has failed.")
@click.pass_obj
def reparse(context: Context, /, from_date: datetime | None, to_date: datetime | None, **options: object) -> None:
    """Read stored letters again, show what changes, and publish it.

    Reads all loaded and quarantined letters by default. If nothing changes, nothing is published.

    \b
    imr reparse --reason too_many_pages       after the limit was raised
    imr reparse --format letterhead --dry-run
    """
    days = {"from_date": from_date, "to_date": to_date}
    _run_reparse(context, options | {name: f"{day:%Y-%m-%d}" for name, day in days.items() if day})


def _run_reparse(context: Context, params: dict[str, object]) -> None:
    """Run the reparse, print its report and exit with its status."""
    from imr.cli.one_off_load import run_and_report
    from imr.pipeline.reparse import DAG_ID, Plan, check_plan

    plan = Plan.from_params(params)
    check_plan(context, plan)
    click.echo(f"reading stored letters again through the DAG {DAG_ID} ...", err=True)
    report, status = run_and_report(context, DAG_ID, plan.as_params(), say=lambda text: click.echo(text, err=True))
    click.echo(report)
    sys.exit(status)


@click.group()
def review() -> None:
    """Decide on quarantined letters and reissues, as the DAG `imr_review` does in Airflow.

    \b
    imr review list
    imr review reject 3f9c21d07a55 --note "not a letter"
    imr review release 81aa04c2e6b1 --note "a clinic's number, no patient's"
    """


@review.command("list")
@click.option("--all", "everything", is_flag=True, help="Include files with a decision.")
@click.pass_obj
def _list(context: Context, everything: bool) -> None:
    """List the files without a decision, newest first."""
    from imr.cli.tables import print_table
    from imr.pipeline.review import list_rows

    rows = list_rows(context, everything=everything)
    if rows:
        print_table(rows)
    else:
        click.echo("no files wait for a decision")


def _add_verdict(name: str, help_text: str) -> None:
    """Add the command of a verdict to `imr review`."""

    @review.command(name, help=help_text)
    @click.argument("ids", metavar="ID...", nargs=-1, required=True)
    @click.option("--note", help="Why.")
    @click.pass_obj
    def decide(context: Context, ids: tuple[str, ...], note: str | None) -> None:
        from imr.pipeline.review import record_own_verdict

        decided = record_own_verdict(context, name, ids, note)
        for line in decided.lines:
            click.echo(line)
        if decided.read_again:
            _run_reparse(context, {"sha256": decided.read_again})


_add_verdict("retry", "Read letters again.")
_add_verdict("release", "Load letters that are quarantined as identity_found, or confirm reissues.")
_add_verdict("reject", "Leave quarantined letters in the quarantine, or withdraw reissues.")
