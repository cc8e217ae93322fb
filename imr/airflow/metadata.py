"""Creates or migrates the metadata database and its pools: `python -m imr.airflow.metadata`."""

from __future__ import annotations

from dataclasses import asdict

from airflow.models.pool import Pool
from airflow.utils.db import initdb

from imr.pools import define_pools
from imr.settings import load_settings


def main() -> None:
    """Migrate the database to the schema of this Airflow, then create the pools."""
    initdb()
    for pool in define_pools(load_settings().reading_slots):
        Pool.create_or_update_pool(**asdict(pool))


if __name__ == "__main__":
    main()
