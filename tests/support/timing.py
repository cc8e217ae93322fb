"""Prints how long the parts of a soak take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def measure(what: str) -> Iterator[None]:
    """Print the seconds that the block takes."""
    begun = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - begun:.1f} s", flush=True)  # noqa: T201 - a soak prints
