"""Pipeline, reports, site, settings and the `imr` command."""
