"""The `imr` command: the pipeline's entry points for people, its settings and its sample letters."""
