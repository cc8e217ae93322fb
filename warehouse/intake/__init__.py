"""Inbox, ledger, archive and review decisions."""
