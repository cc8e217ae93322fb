"""Errors of the warehouse."""

from __future__ import annotations


class WarehouseError(Exception):
    """An error for the user; the message names the place, the problem and the remedy."""
