"""The errors of the warehouse: each says what, where and what to do."""

from __future__ import annotations


class WarehouseError(Exception):
    """Something in the warehouse that a person has to look at; the message is written for them."""
