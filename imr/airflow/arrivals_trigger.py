"""Watches the drop folder inside Airflow's triggerer. The one module here that imports Airflow: it runs in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from imr.pipeline import steps
from imr.settings import load_settings

PATIENCE = 10
"""Looks after which letters that keep arriving are loaded all the same."""
log = logging.getLogger(__name__)


class ArrivalsTrigger(BaseEventTrigger):
    """Tells that letters have arrived, once for each set of files, when a folder has come to rest."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what the triggerer makes this trigger from."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look every IMR_POLL_SECONDS; say so when what is there was not told yet and is the same as at the last look.

        An error of the storage is logged and looked at again: a lost share must not end the watch.
        """
        told = before = None
        restless = 0
        while True:
            settings = load_settings()
            try:
                found, worth = await asyncio.to_thread(steps.arrivals, settings, told)
            except OSError as error:
                log.warning("the drop folder %s cannot be looked at: %s", settings.drop_folder, error)
                found, worth = None, False
            restless = restless + 1 if worth and found != before else 0
            if worth and (found == before or restless >= PATIENCE):
                told, restless = found, 0
                yield TriggerEvent({"fingerprint": found})  # type: ignore[no-untyped-call]  # Airflow types it not
            before = found
            await asyncio.sleep(settings.poll_seconds)
