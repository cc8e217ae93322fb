"""From run files to a published warehouse: inbox, ledger, raw tables, candidate, versions. Knows no PDF."""
