"""Runs inside an Airflow process: `python -m imr.airflow.metadata` makes or migrates the metadata database."""

from __future__ import annotations

from airflow.models.pool import Pool
from airflow.utils.db import initdb

from imr.airflow import environment as known
from imr.settings import load_settings


def main() -> None:
    """Bring the database to this Airflow's schema and make the pools: one process, because each costs seconds."""
    initdb()
    slots = load_settings().reading_slots
    for name, size, description, deferred in (
        (known.POOL, 1, known.POOL_DESCRIPTION, False),
        (known.READING_POOL, slots, known.READING_DESCRIPTION, False),
        (known.BATCHES_POOL, 2, known.BATCHES_DESCRIPTION, True),
    ):
        Pool.create_or_update_pool(name=name, slots=size, description=description, include_deferred=deferred)


if __name__ == "__main__":
    main()
