"""Airflow pools and the queue of the reading tasks."""

from __future__ import annotations

from dataclasses import dataclass

WRITER_POOL = "warehouse_writer"
READING_POOL = "backfill_reading"
BATCHES_POOL = "backfill_batches"
READING_QUEUE = "reading"
"""Queue of the tasks that read letters. Workers on any machine may serve it; one machine also serves `default`."""


@dataclass(frozen=True)
class PoolDefinition:
    """A pool with the arguments that Airflow creates it from."""

    name: str
    slots: int
    description: str
    include_deferred: bool = False


def define_pools(reading_slots: int) -> tuple[PoolDefinition, ...]:
    """Return the pools; `reading_slots` is the size of the reading pool."""
    return (
        PoolDefinition(WRITER_POOL, 1, "One slot: DuckDB has one writer at a time."),
        PoolDefinition(
            READING_POOL,
            reading_slots,
            "Chunks of a backfill that are read at once (IMR_READING_SLOTS); daily loads have no such limit.",
        ),
        PoolDefinition(
            BATCHES_POOL, 2, "Two active batches: one is read while the other is loaded.", include_deferred=True
        ),
    )
