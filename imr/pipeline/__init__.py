"""The steps of a load, a reparse, a backfill and a review, for DAGs and the command line."""
