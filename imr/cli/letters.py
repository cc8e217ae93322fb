"""One letter at a time, without a warehouse: `imr parse`, `imr show`, `imr explain`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from extract.reasons import UnreadableError
from extract.record import LetterRecord
from imr.settings import Settings

_LETTER = click.Path(exists=True, dir_okay=False, path_type=Path)


class _Misused(click.ClickException):
    """One clear line for an argument that does not fit, with click's own exit status for these."""

    exit_code = 2


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def parse(settings: Settings, files: tuple[Path, ...]) -> None:
    """Print each letter's record as one JSON line.

    A file that cannot be read is told on standard error, with its reason; the others are still read,
    and the exit status is 1.
    """
    from extract.pool import read_letters  # noqa: PLC0415
    from imr.progress import bar  # noqa: PLC0415

    waiting: dict[int, object] = {}
    unreadable = told = 0
    with bar("letters read", len(files), shown=not sys.stdout.isatty()) as show_done:  # else the records are progress
        for index, outcome in read_letters(files, settings.limits, processes=settings.processes):
            waiting[index] = outcome
            while told in waiting:  # printed in the order asked for, whichever is read first
                unreadable += not _print_record(files[told], waiting.pop(told))
                told += 1
            show_done(told + len(waiting))
    sys.exit(1 if unreadable else 0)


def _print_record(file: Path, outcome: object) -> bool:
    """Print a record as a line of JSON, or on standard error why there is none; whether there is one."""
    if isinstance(outcome, UnreadableError):
        click.echo(f"{file}: {outcome} ({outcome.reason.remedy})", err=True)
    elif isinstance(outcome, LetterRecord):
        click.echo(json.dumps(outcome.as_json(), ensure_ascii=False))
    return isinstance(outcome, LetterRecord)


def _read_one(settings: Settings, file: Path) -> LetterRecord | UnreadableError:
    """Read a letter as a load does: in a worker process that it cannot take along."""
    from extract.pool import read_letters  # noqa: PLC0415

    ((_, outcome),) = read_letters([file], settings.limits)
    return outcome


def _unreadable(file: Path, error: UnreadableError) -> click.ClickException:
    from imr.inspect.show import printable  # noqa: PLC0415

    return click.ClickException(printable(f"{file}: {error} ({error.reason.remedy})"))


@click.command()
@click.argument("file", type=_LETTER)
@click.pass_obj
def show(settings: Settings, file: Path) -> None:
    """Print what is read from a letter, for a person: dates, reviewer, patient, every decision, flags."""
    from imr.inspect.show import print_letter  # noqa: PLC0415

    outcome = _read_one(settings, file)
    if isinstance(outcome, UnreadableError):
        raise _unreadable(file, outcome)
    print_letter(file, outcome)


@click.command()
@click.argument("file", type=_LETTER)
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A .png or .pdf.")
@click.pass_obj
def explain(settings: Settings, file: Path, out: Path) -> None:
    """Draw a PDF letter's pages with every field boxed and named, to see why it was read as it was.

    Of a letter that cannot be read, what was found in it is drawn, with the reason; the exit status is 1.
    """
    from imr.inspect.explain import SUFFIXES, TooManyPagesError, explain  # noqa: PLC0415 - a drawing library

    if file.suffix.lower() == ".txt":
        raise _Misused(f"{file}: a text file has no pages to draw; try `imr show`")
    if out.suffix.lower() not in SUFFIXES:
        raise _Misused(f"{out}: a picture is drawn as one of {', '.join(SUFFIXES)}")
    outcome = _read_one(settings, file)
    try:
        explain(file, outcome, out, max_pages=settings.max_pages)
    except UnreadableError as error:
        raise _unreadable(file, error) from error
    except (OSError, TooManyPagesError) as error:
        raise click.ClickException(f"{out}: {error}") from error
    if isinstance(outcome, UnreadableError):
        raise _unreadable(file, outcome)
