"""The `imr` command: thin wrappers around the packages' entry points, for people. One file a group of commands."""

from __future__ import annotations

from types import ModuleType

import click
from pydantic import ValidationError

from extract.pool import StartError
from imr.airflow import AirflowServiceError
from imr.cli import backfill, letters, loads, published, rereading, service, site
from imr.settings import load_settings
from warehouse.errors import WarehouseError

GROUPS: tuple[ModuleType, ...] = (letters, loads, backfill, rereading, published, service, site)


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
    imr sql "FROM agg_outcomes_by_month"
    imr parse letter.pdf             print what is read from a letter, as JSON
    imr show letter.pdf              the same for a person
    imr explain letter.pdf -o x.png  the pages, with every field boxed and named
    """
    try:
        ctx.obj = load_settings()
    except ValidationError as error:
        told = "; ".join(f"IMR_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise click.ClickException(told) from error


for _group in GROUPS:
    for _name, _command in vars(_group).items():
        if isinstance(_command, click.Command) and not _name.startswith("_"):  # those are of a command's own group
            main.add_command(_command)
