"""DAG files: they wire the steps of `imr` and hold no logic."""
