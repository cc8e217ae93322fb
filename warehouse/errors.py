"""Errors of the warehouse, with messages for users: file, problem, remedy."""

from __future__ import annotations


class WarehouseError(Exception):
    """An expected error; the message names the file, the problem and the remedy."""
