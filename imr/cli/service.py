"""Settings and the Airflow service: `imr config`, `imr up`, `imr down`."""

from __future__ import annotations

import click

from imr.context import Context


@click.command()
@click.pass_obj
def config(context: Context) -> None:
    """Print the settings with their descriptions, as lines for a `.env` file.

    Each is set by an environment variable or in `.env`.
    """
    for name, field in type(context.settings).model_fields.items():
        value = getattr(context.settings, name)
        click.echo(f"# {field.description}\nIMR_{name.upper()}={'' if value is None else value}")


@click.command()
@click.pass_obj
def up(context: Context) -> None:
    """Start Airflow with its UI and the daily load; print address and login."""
    from imr.service import start

    click.echo("starting Airflow ...", err=True)
    service = start(context.settings)
    click.echo(f"{service.url}\nuser      {service.user}\npassword  {service.password}")


@click.command()
@click.pass_obj
def down(context: Context) -> None:
    """Stop Airflow and every process that it started."""
    from imr.service import stop

    click.echo("Airflow is stopped" if stop(context.settings) else "Airflow was not running")
