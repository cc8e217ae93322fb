"""What is published: `imr versions`, `imr rollback`, `imr sql`, `imr export`."""

from __future__ import annotations

from pathlib import Path

import click

from imr.settings import Settings


@click.command()
@click.pass_obj
def versions(settings: Settings) -> None:
    """List the published versions; the arrow marks what readers see."""
    from imr.tables import print_table, version_rows  # noqa: PLC0415

    print_table(version_rows(settings))


@click.command()
@click.argument("version", type=int, required=False)
@click.pass_obj
def rollback(settings: Settings, version: int | None) -> None:
    """Let readers see another VERSION: the one before the current if none is given.

    Nothing is deleted; `imr rollback NUMBER` goes forward again. The next load builds on what readers
    see, and reads the letters of the versions that were rolled back once more. `imr site` builds the site of
    what readers see now.
    """
    from imr.steps import store  # noqa: PLC0415

    before = store(settings).require_current().number
    now = store(settings).rollback(version).number
    click.echo(f"readers see version {now} (it was {before})")


@click.command()
@click.argument("query_text", metavar="QUERY")
@click.option("--full", is_flag=True, help="Ask the whole warehouse (raw, staging), not the BI file.")
@click.option("--run", "run_id", help="Ask the files of a run, published or not, and its candidate.")
@click.option("--format", "shape", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.pass_obj
def sql(settings: Settings, query_text: str, full: bool, run_id: str | None, shape: str) -> None:
    """Run a read-only QUERY on the published version, or on what a run has read.

    \b
    imr sql "SELECT outcome, count(*) FROM fct_decisions GROUP BY outcome"
    imr sql --format csv "FROM agg_outcomes_by_specialty" > specialties.csv
    imr sql --full "SELECT status, reason, count(*) FROM raw.files GROUP BY ALL"
    imr sql --run RUN "FROM decisions WHERE outcome NOT IN ('upheld', 'overturned')"

    In csv, a text that begins with = + - @, a tab or a carriage return has an apostrophe before it, since a
    spreadsheet would run it as a formula. Numbers stay as they are; json has every text as it is.
    """
    from imr.steps import open_run, store  # noqa: PLC0415
    from imr.tables import print_rows  # noqa: PLC0415
    from warehouse.query import query, query_run  # noqa: PLC0415

    if run_id is not None:
        print_rows(query_run(open_run(settings, run_id), query_text), shape)
        return
    version = store(settings).require_current()
    print_rows(query(version.full if full else version.marts, query_text), shape)


@click.command()
@click.argument("mart")
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A .csv or .parquet.")
@click.pass_obj
def export(settings: Settings, mart: str, out: Path) -> None:
    """Write a MART of the published version to a file.

    \b
    imr export coding -o coding.csv          how each disputed treatment was coded
    imr export fct_decisions -o d.parquet    any other mart, by its name
    imr sql "SHOW TABLES"                    which there are

    In csv, a text that begins with = + - @, a tab or a carriage return has an apostrophe before it, since a
    spreadsheet would run it as a formula. Numbers stay as they are; parquet has every text as it is.
    """
    from imr.export import export as write  # noqa: PLC0415
    from imr.steps import store  # noqa: PLC0415

    rows = write(store(settings).require_current().marts, mart, out)
    click.echo(f"{rows} rows of {mart} in {out}")
