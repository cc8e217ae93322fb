"""Runs inside an Airflow process: `python -m imr.airflow.metadata` makes or migrates the metadata database."""

from __future__ import annotations

from airflow.models.pool import Pool
from airflow.utils.db import initdb

from imr.airflow.environment import POOL, POOL_DESCRIPTION


def main() -> None:
    """Bring the database to this Airflow's schema and make the pool: one process, because each costs seconds."""
    initdb()
    Pool.create_or_update_pool(name=POOL, slots=1, description=POOL_DESCRIPTION, include_deferred=False)


if __name__ == "__main__":
    main()
