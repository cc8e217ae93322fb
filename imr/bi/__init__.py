"""Exports and bundles for BI tools."""
