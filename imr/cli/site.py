"""`imr site` and `imr superset`: dashboards of the published version."""

from __future__ import annotations

from pathlib import Path

import click

from imr.context import Context


@click.command()
@click.option("--serve", is_flag=True, help="Serve it on loopback until Ctrl-C.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Any free one if 0.")
@click.pass_obj
def site(context: Context, serve: bool, port: int) -> None:
    """Build the site of the published version: dashboard, load report, Data Docs, dbt docs, data dictionary.

    Every load builds it; run this after a rollback. The folder is static: copy it to any web server or file share, or
    open its index.html.

    \b
    imr site
    imr site --serve --port 8001
    """
    from imr.site.build import build_site

    page = build_site(context, shown=True)
    click.echo(str(page))
    if serve:
        from imr.site.serve import LOOPBACK, make_server

        try:
            serving = make_server(page.parent, port)
        except OSError as error:
            raise click.ClickException(
                f"port {port} of {LOOPBACK}: {error.strerror}. Name another with --port"
            ) from error
        click.echo(f"http://{LOOPBACK}:{serving.server_port}/ (Ctrl-C ends it)")
        try:
            serving.serve_forever()
        except KeyboardInterrupt:
            serving.server_close()


@click.command()
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A .zip to write.")
@click.option("--uri", help="The BI file's URI on Superset's machine; this machine's by default.")
@click.pass_obj
def superset(context: Context, out: Path, uri: str | None) -> None:
    """Write a bundle for Apache Superset: the published marts as a read-only database, datasets, a dashboard.

    \b
    imr superset -o imr-superset.zip
    superset import-dashboards -p imr-superset.zip -u admin
    """
    from imr.bi.superset import read_only_uri, write_bundle

    versions = context.versions
    marts = versions.require_current().marts
    try:
        # The link and not the version behind it, so that Superset reads every later version.
        written = write_bundle(marts, out, uri=uri or read_only_uri(Path(versions.readers_place)))
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror}") from error
    click.echo(f"{', '.join(written)} in {out}")
