"""Run folders, run files and their schemas, the publish lock, backfill state."""
