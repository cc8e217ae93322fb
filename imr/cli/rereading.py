"""Stored letters again: `imr reparse`, and what a person decides of them: `imr review`."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from imr.settings import Settings

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.option("--reason", "reasons", multiple=True, help="Refused for this reason; may be given several times.")
@click.option("--format", "formats", multiple=True, help="Loaded as this layout; may be given several times.")
@click.option("--from", "from_date", type=_DAY, help="Last read on this day or later (UTC).")
@click.option("--to", "to_date", type=_DAY, help="Last read on this day or earlier (UTC).")
@click.option("--parser-version", help="Last read by this version of the parser.")
@click.option("--sha256", multiple=True, help="The file with this hash; may be given several times.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--accept-withdrawn", is_flag=True, help="Let letters go that are loaded and are refused now.")
@click.option("--accept-drift", is_flag=True, help="Let letters pass that are unlike the past loads; look first.")
@click.pass_obj
def reparse(settings: Settings, /, from_date: datetime | None, to_date: datetime | None, **options: object) -> None:
    """Read stored letters again, show what that changes, and publish it.

    All that are loaded or refused are read if no option chooses some. Nothing changed: nothing is published.

    \b
    imr reparse --reason too_many_pages       after the limit was raised
    imr reparse --format letterhead --dry-run
    """
    days = {"from_date": from_date, "to_date": to_date}
    _read_again(settings, options | {name: f"{day:%Y-%m-%d}" for name, day in days.items() if day})


def _read_again(settings: Settings, params: dict[str, object]) -> None:
    """Run the reparse, print its report and end with its exit status."""
    from imr.cli.one_off_load import run_and_tell  # noqa: PLC0415 - it brings the sample builder
    from imr.pipeline.reparse import DAG_ID, Plan, check  # noqa: PLC0415

    plan = Plan.from_params(params)
    check(settings, plan)
    click.echo(f"reading stored letters again through the DAG {DAG_ID} ...", err=True)
    report, status = run_and_tell(settings, DAG_ID, plan.as_params(), say=lambda text: click.echo(text, err=True))
    click.echo(report)
    sys.exit(status)


@click.group()
def review() -> None:
    """Decide on refused letters and reissues, as the DAG `imr_review` asks for it in Airflow.

    \b
    imr review list
    imr review reject 3f9c21d07a55 --note "not a letter"
    imr review release 81aa04c2e6b1 --note "a clinic's number, no patient's"
    """


@review.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are decided on too.")
@click.pass_obj
def _list(settings: Settings, everything: bool) -> None:
    """List the letters that nobody has decided on, the newest first."""
    from imr.cli.tables import print_table  # noqa: PLC0415
    from imr.pipeline.review import as_rows  # noqa: PLC0415

    rows = as_rows(settings, everything=everything)
    if rows:
        print_table(rows)
    else:
        click.echo("nothing waits for a decision")


def _verdict(name: str, told: str) -> None:
    """Add the command of one verdict to `imr review`."""

    @review.command(name, help=told)
    @click.argument("ids", metavar="ID...", nargs=-1, required=True)
    @click.option("--note", help="Why.")
    @click.pass_obj
    def decide(settings: Settings, ids: tuple[str, ...], note: str | None) -> None:
        from imr.pipeline.review import decide_here  # noqa: PLC0415

        decided = decide_here(settings, name, ids, note)
        for line in decided.lines:
            click.echo(line)
        if decided.again:
            _read_again(settings, {"sha256": decided.again})


_verdict("retry", "Read letters again.")
_verdict("release", "Let letters through that were refused as identity_found, or confirm reissues.")
_verdict("reject", "Leave refused letters in the quarantine for good, or take reissues back.")
