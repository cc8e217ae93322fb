"""The `imr` command: thin wrappers around the packages' functions, one file for each group of commands."""

from __future__ import annotations

import errno
from types import ModuleType

import click
from pydantic import ValidationError

from extract.pool import StartError
from imr.cli import backfill, letters, loads, published, reparse, service, site
from imr.context import Context
from imr.service import AirflowServiceError
from imr.settings import load_settings
from imr.text import printable_lines
from warehouse.errors import WarehouseError

GROUPS: tuple[ModuleType, ...] = (letters, loads, backfill, reparse, published, service, site)


class _PlainErrors(click.Group):
    """Prints expected errors as one line, with a non-zero exit status."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (WarehouseError, AirflowServiceError, StartError) as error:
            raise click.ClickException(printable_lines(str(error))) from error
        except OSError as error:
            if error.errno in (None, errno.EPIPE):  # click handles EPIPE: the reader of the output has gone
                raise
            raise click.ClickException(printable_lines(str(error))) from error


@click.group(cls=_PlainErrors, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(ctx: click.Context) -> None:
    """California independent medical review letters, from PDF to marts.

    \b
    imr run --inbox letters/         load a folder of letters and publish
    imr sql "FROM agg_outcomes_by_month"
    imr parse letter.pdf             print a letter's record as JSON
    imr show letter.pdf              print it as text
    imr explain letter.pdf -o x.png  draw the pages with every field boxed and named
    """
    try:
        ctx.obj = Context(load_settings())
    except ValidationError as error:
        messages = "; ".join(f"IMR_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise click.ClickException(messages) from error


for _group in GROUPS:
    for _name, _command in vars(_group).items():
        if isinstance(_command, click.Command) and not _name.startswith("_"):  # others belong to a group of commands
            main.add_command(_command)
