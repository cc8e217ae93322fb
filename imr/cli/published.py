"""Published versions: `imr versions`, `imr rollback`, `imr sql`, `imr export`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from imr.context import Context


@click.command()
@click.option("--verify", is_flag=True, help="Compare every file with the version's manifest; exit with 1 on damage.")
@click.pass_obj
def versions(context: Context, *, verify: bool) -> None:
    """List the published versions; the arrow marks the current one."""
    from imr.cli.tables import list_versions, print_table
    from imr.monitoring.verification import verify_current

    kept = context.versions.all()
    if not kept:
        context.versions.require_current()
    print_table(list_versions(context))
    problems = context.versions.find_problems()
    if verify:
        others = [version for version in kept if version != context.current]
        damage = [*(damage for version in others for damage in version.find_damage()), *verify_current(context)]
        problems = list(dict.fromkeys([*problems, *damage]))
        click.echo("\n".join(problems or [f"{len(kept)} versions: every file is as published"]))
        sys.exit(1 if problems else 0)
    for problem in problems:
        click.echo(problem, err=True)


@click.command()
@click.argument("version", type=int, required=False)
@click.pass_obj
def rollback(context: Context, version: int | None) -> None:
    """Make another VERSION current: the one that the current version was built on by default.

    Nothing is deleted; `imr rollback NUMBER` goes forward again. The next load builds on the current version, and
    reads the letters of the versions that were rolled back again. `imr site` rebuilds the site. With a VERSION it also
    repairs a lost pointer to the current version.
    """

    before = context.versions.current()
    now = context.versions.rollback(version).number
    click.echo(f"readers see version {now} (it was {before.number if before else 'none'})")


@click.command()
@click.argument("query_text", metavar="QUERY")
@click.option("--full", is_flag=True, help="Query the whole warehouse, raw tables included, not the BI file.")
@click.option("--run", "run_id", help="Query the files of a run, published or not, and its candidate.")
@click.option("--format", "shape", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.pass_obj
def sql(context: Context, query_text: str, full: bool, run_id: str | None, shape: str) -> None:
    """Run a read-only QUERY on the published version, or on the files of a run.

    \b
    imr sql "SELECT outcome, count(*) FROM fct_decisions GROUP BY outcome"
    imr sql --format csv "FROM agg_outcomes_by_specialty" > specialties.csv
    imr sql --full "SELECT status, reason, count(*) FROM raw.files GROUP BY ALL"
    imr sql --run RUN "FROM decisions WHERE outcome NOT IN ('upheld', 'overturned')"

    In csv, an apostrophe is put before a text that begins with = + - @, a tab or a carriage return, since a
    spreadsheet would run it as a formula. Numbers are unchanged, and so is all text in json.
    """
    from imr.cli.tables import print_rows
    from warehouse.query import query, query_contents, query_run

    if run_id is not None:
        print_rows(query_run(context.open_run(run_id), query_text), shape)
        return
    version = context.versions.require_current()
    rows = query_contents(version.contents, query_text) if full else query(version.marts, query_text)
    print_rows(rows, shape)


@click.command()
@click.argument("mart")
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A .csv or .parquet.")
@click.pass_obj
def export(context: Context, mart: str, out: Path) -> None:
    """Write a MART of the published version to a file.

    \b
    imr export coding -o coding.csv          how each disputed treatment was coded
    imr export diagnoses -o diagnoses.csv    diagnoses, injured regions and request date of each case
    imr export contradictions -o c.csv       contradictions inside letters, by case and decision
    imr export fct_decisions -o d.parquet    any other mart by name
    imr sql "SHOW TABLES"                    list the marts

    In csv, an apostrophe is put before a text that begins with = + - @, a tab or a carriage return, since a
    spreadsheet would run it as a formula. Numbers are unchanged, and so is all text in parquet.
    """
    from imr.bi.export import export as write

    rows = write(context.versions.require_current().marts, mart, out)
    click.echo(f"{rows} rows of {mart} in {out}")
