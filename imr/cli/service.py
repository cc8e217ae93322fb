"""The machinery: `imr config`, `imr up`, `imr down`."""

from __future__ import annotations

import click

from imr.settings import Settings


@click.command()
@click.pass_obj
def config(settings: Settings) -> None:
    """Print the settings in force; each is set by an environment variable IMR_NAME or in `.env`."""
    for name in type(settings).model_fields:
        click.echo(f"IMR_{name.upper()}={getattr(settings, name) if getattr(settings, name) is not None else ''}")
    click.echo(f"# inbox in force: {settings.drop_folder}")


@click.command()
@click.pass_obj
def up(settings: Settings) -> None:
    """Start Airflow with its UI and the daily load; print address and login."""
    from imr.service import start  # noqa: PLC0415

    click.echo("starting Airflow ...", err=True)
    service = start(settings)
    click.echo(f"{service.url}\nuser      {service.user}\npassword  {service.password}")


@click.command()
@click.pass_obj
def down(settings: Settings) -> None:
    """Stop Airflow and every process that it started."""
    from imr.service import stop  # noqa: PLC0415

    click.echo("Airflow is stopped" if stop(settings) else "Airflow was not running")
