"""One letter at a time, without a warehouse: `imr parse`, `imr show`, `imr explain`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from extract.reasons import UnreadableError
from extract.record import LetterRecord
from imr.context import Context
from imr.text import printable, printable_json

_LETTER = click.Path(exists=True, dir_okay=False, path_type=Path)


class _UsageError(click.ClickException):
    """An invalid argument, with click's exit status for these."""

    exit_code = 2


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def parse(context: Context, files: tuple[Path, ...]) -> None:
    """Print each letter's record as one JSON line.

    For a file that cannot be read, the reason is printed on standard error and the exit status is 1; the others are
    still read.
    """
    from extract.pool import read_letters
    from imr.progress import show_progress

    waiting: dict[int, object] = {}
    unreadable = printed = 0
    with show_progress("letters read", len(files), shown=not sys.stdout.isatty()) as show_done:  # or records show it
        for index, result in read_letters(files, context.settings.limits, processes=context.settings.processes):
            waiting[index] = result
            while printed in waiting:  # printed in the order of the arguments
                unreadable += not _print_record(files[printed], waiting.pop(printed))
                printed += 1
            show_done(printed + len(waiting))
    sys.exit(1 if unreadable else 0)


def _print_record(file: Path, result: object) -> bool:
    """Print a record as a line of JSON, or its error on standard error; return whether there is a record."""
    if isinstance(result, UnreadableError):
        click.echo(_describe(file, result), err=True)
    elif isinstance(result, LetterRecord):
        click.echo(printable_json(result.to_json()))
    return isinstance(result, LetterRecord)


def _read_one(context: Context, file: Path) -> LetterRecord | UnreadableError:
    """Read a letter in a worker process, as a load does."""
    from extract.pool import read_letters

    ((_, result),) = read_letters([file], context.settings.limits)
    return result


def _describe(file: Path, error: UnreadableError) -> str:
    return printable(f"{file}: {error} ({error.reason.remedy})")


def _unreadable(file: Path, error: UnreadableError) -> click.ClickException:
    return click.ClickException(_describe(file, error))


@click.command()
@click.argument("file", type=_LETTER)
@click.pass_obj
def show(context: Context, file: Path) -> None:
    """Print a letter's record as text: dates, reviewer, patient, diagnoses, every decision, flags.

    Of a letter that the published version holds, the reasons of each decision are printed too, with the sentence that
    each rests on, and the contradictions that only coding shows.
    """
    from imr.inspect.find_coded import find_coded
    from imr.inspect.show import print_letter

    result = _read_one(context, file)
    if isinstance(result, UnreadableError):
        raise _unreadable(file, result)
    print_letter(file, result, find_coded(context.current, result.letter_id))


@click.command()
@click.argument("file", type=_LETTER)
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A .png or .pdf.")
@click.pass_obj
def explain(context: Context, file: Path, out: Path) -> None:
    """Draw a PDF letter's pages with every field boxed and named, to see why it was read that way.

    Dates and words that a flag quotes are marked in red. Of a letter that the published version holds, the sentences
    that the reasons rest on are marked too.

    For a letter that cannot be read, the fields that were found are drawn with the reason, and the exit status is 1.
    """
    from imr.inspect.explain import SUFFIXES, explain
    from imr.inspect.find_coded import find_coded
    from imr.inspect.limited import TooManyPagesError

    if file.suffix.lower() == ".txt":
        raise _UsageError(f"{file}: a text file has no pages to draw; try `imr show`")
    if out.suffix.lower() not in SUFFIXES:
        raise _UsageError(f"{out}: the picture must be one of {', '.join(SUFFIXES)}")
    if out.exists() and out.samefile(file):
        raise _UsageError(f"{out}: the picture would overwrite the letter; name another file")
    result = _read_one(context, file)
    try:
        coded = find_coded(context.current, result.letter_id) if isinstance(result, LetterRecord) else None
        explain(file, result, out, context.settings.limits, coded)
    except UnreadableError as error:
        raise _unreadable(file, error) from error
    except (OSError, TooManyPagesError) as error:
        raise click.ClickException(f"{out}: {error}") from error
    if isinstance(result, UnreadableError):
        raise _unreadable(file, result)
