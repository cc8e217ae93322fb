"""The `imr` command: thin wrappers around the packages' entry points, for people."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from pydantic import ValidationError

from extract.pool import StartError
from extract.reasons import UnreadableError
from extract.record import LetterRecord
from imr.airflow import AirflowServiceError
from imr.settings import Settings, load_settings
from warehouse.errors import WarehouseError


class _PlainErrors(click.Group):
    """One clear line and a non-zero exit for an error that has its own words."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (WarehouseError, AirflowServiceError, StartError) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_PlainErrors, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(ctx: click.Context) -> None:
    """California independent medical review letters, from PDF to marts.

    \b
    imr run --drop letters/          load a folder of letters and publish
    imr sql "FROM fct_outcomes_by_month"
    imr parse letter.pdf             print what is read from a letter, as JSON
    imr show letter.pdf              the same for a person
    imr explain letter.pdf -o x.png  the pages, with every field boxed and named
    """
    try:
        ctx.obj = load_settings()
    except ValidationError as error:
        told = "; ".join(f"IMR_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise click.ClickException(told) from error


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def parse(settings: Settings, files: tuple[Path, ...]) -> None:
    """Print each letter's record as one JSON line.

    A file that cannot be read is told on standard error, with its reason; the others are still read,
    and the exit status is 1.
    """
    from extract.pool import read_letters  # noqa: PLC0415

    waiting: dict[int, object] = {}
    unreadable = told = 0
    for index, outcome in read_letters(files, settings.limits, processes=settings.processes):
        waiting[index] = outcome
        while told in waiting:  # printed in the order asked for, whichever is read first
            done = waiting.pop(told)
            if isinstance(done, UnreadableError):
                unreadable += 1
                click.echo(f"{files[told]}: {done} ({done.reason.remedy})", err=True)
            elif isinstance(done, LetterRecord):
                click.echo(json.dumps(done.as_json(), ensure_ascii=False))
            told += 1
    sys.exit(1 if unreadable else 0)


class _Misused(click.ClickException):
    """One clear line for an argument that does not fit, with click's own exit status for these."""

    exit_code = 2


_LETTER = click.Path(exists=True, dir_okay=False, path_type=Path)


def _read_one(settings: Settings, file: Path) -> LetterRecord | UnreadableError:
    """Read a letter as a load does: in a worker process that it cannot take along."""
    from extract.pool import read_letters  # noqa: PLC0415

    ((_, outcome),) = read_letters([file], settings.limits)
    return outcome


def _unreadable(file: Path, error: UnreadableError) -> click.ClickException:
    from imr.show import printable  # noqa: PLC0415

    return click.ClickException(printable(f"{file}: {error} ({error.reason.remedy})"))


@main.command()
@click.argument("file", type=_LETTER)
@click.pass_obj
def show(settings: Settings, file: Path) -> None:
    """Print what is read from a letter, for a person: dates, reviewer, patient, every decision, flags."""
    from imr.show import print_letter  # noqa: PLC0415

    outcome = _read_one(settings, file)
    if isinstance(outcome, UnreadableError):
        raise _unreadable(file, outcome)
    print_letter(file, outcome)


@main.command()
@click.argument("file", type=_LETTER)
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A .png or .pdf.")
@click.pass_obj
def explain(settings: Settings, file: Path, out: Path) -> None:
    """Draw a PDF letter's pages with every field boxed and named, to see why it was read as it was.

    Of a letter that cannot be read, what was found in it is drawn, with the reason; the exit status is 1.
    """
    from imr.explain import SUFFIXES, TooTallError, explain  # noqa: PLC0415 - a drawing library

    if file.suffix.lower() == ".txt":
        raise _Misused(f"{file}: a text file has no pages to draw; try `imr show`")
    if out.suffix.lower() not in SUFFIXES:
        raise _Misused(f"{out}: a picture is drawn as one of {', '.join(SUFFIXES)}")
    outcome = _read_one(settings, file)
    try:
        explain(file, outcome, out, max_pages=settings.max_pages)
    except UnreadableError as error:
        raise _unreadable(file, error) from error
    except (OSError, TooTallError) as error:
        raise click.ClickException(f"{out}: {error}") from error
    if isinstance(outcome, UnreadableError):
        raise _unreadable(file, outcome)


@main.command()
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


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def samples(folder: Path) -> None:
    """Write the made-up sample letters to a folder."""
    from imr.samples import write_samples  # noqa: PLC0415 - a drawing library

    click.echo(f"{len(write_samples(folder))} files in {folder}")


@main.command()
@click.pass_obj
def versions(settings: Settings) -> None:
    """List the published versions; the arrow marks what readers see."""
    from imr.tables import print_table, version_rows  # noqa: PLC0415

    print_table(version_rows(settings))


@main.command()
@click.argument("version", type=int, required=False)
@click.pass_obj
def rollback(settings: Settings, version: int | None) -> None:
    """Let readers see another VERSION: the one before the current if none is given.

    Nothing is deleted; `imr rollback NUMBER` goes forward again. The next load builds on what readers
    see, and reads the letters of the versions that were rolled back once more.
    """
    from imr.steps import store  # noqa: PLC0415

    before = store(settings).require_current().number
    now = store(settings).rollback(version).number
    click.echo(f"readers see version {now} (it was {before})")


@main.command()
@click.argument("query_text", metavar="QUERY")
@click.option("--full", is_flag=True, help="Ask the whole warehouse (raw, staging), not the BI file.")
@click.option("--format", "shape", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.pass_obj
def sql(settings: Settings, query_text: str, full: bool, shape: str) -> None:
    """Run a read-only QUERY on the published version.

    \b
    imr sql "SELECT outcome, count(*) FROM fct_decisions GROUP BY outcome"
    imr sql --format csv "FROM fct_outcomes_by_specialty" > specialties.csv
    imr sql --full "SELECT status, reason, count(*) FROM raw.files GROUP BY ALL"
    """
    from imr.steps import store  # noqa: PLC0415
    from imr.tables import print_rows  # noqa: PLC0415
    from warehouse.query import query  # noqa: PLC0415

    version = store(settings).require_current()
    print_rows(query(version.full if full else version.marts, query_text), shape)


@main.command()
@click.argument("mart")
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A .csv or .parquet.")
@click.pass_obj
def export(settings: Settings, mart: str, out: Path) -> None:
    """Write a MART of the published version to a file.

    \b
    imr export coding -o coding.csv          how each disputed treatment was coded
    imr export fct_decisions -o d.parquet    any other mart, by its name
    """
    from imr.export import export as write  # noqa: PLC0415
    from imr.steps import store  # noqa: PLC0415

    rows = write(store(settings).require_current().marts, mart, out)
    click.echo(f"{rows} rows of {mart} in {out}")


@main.command()
@click.pass_obj
def config(settings: Settings) -> None:
    """Print the settings in force; each is set by an environment variable IMR_NAME or in `.env`."""
    for name in type(settings).model_fields:
        click.echo(f"IMR_{name.upper()}={getattr(settings, name) if getattr(settings, name) is not None else ''}")
    click.echo(f"# inbox in force: {settings.drop_folder}")


@main.command()
@click.pass_obj
def up(settings: Settings) -> None:
    """Start Airflow with its UI and the daily load; print address and login."""
    from imr.airflow import start  # noqa: PLC0415

    click.echo("starting Airflow ...", err=True)
    service = start(settings)
    click.echo(f"{service.url}\nuser      {service.user}\npassword  {service.password}")


@main.command()
@click.pass_obj
def down(settings: Settings) -> None:
    """Stop Airflow and every process that it started."""
    from imr.airflow import stop  # noqa: PLC0415

    click.echo("Airflow is stopped" if stop(settings) else "Airflow was not running")
