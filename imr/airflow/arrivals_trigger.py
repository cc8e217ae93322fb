"""Watches the inbox in Airflow's triggerer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from imr.context import Context
from imr.pipeline.steps import check_arrivals
from imr.settings import load_settings

MAX_CHANGES = 10
"""Checks with changes in a row after which letters are loaded although more keep arriving."""
log = logging.getLogger(__name__)


class ArrivalsTrigger(BaseEventTrigger):
    """Fires once for each set of arrived files, when the inbox is unchanged between two checks."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what the triggerer creates this trigger from."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Check the inbox every IMR_POLL_SECONDS.

        A storage error is logged and the check repeated: a lost share must not end the watch.
        """
        fired = before = None
        changes = 0
        while True:
            settings = load_settings()
            try:
                found, should_load = await asyncio.to_thread(check_arrivals, Context(settings), fired)
            except OSError as error:
                log.warning("the inbox %s cannot be read: %s", settings.inbox, error)
                found, should_load = None, False
            changes = changes + 1 if should_load and found != before else 0
            if should_load and (found == before or changes >= MAX_CHANGES):
                fired, changes = found, 0
                yield TriggerEvent({"fingerprint": found})  # type: ignore[no-untyped-call]  # Airflow has no types for it
            before = found
            await asyncio.sleep(settings.poll_seconds)
