"""Comparisons of a candidate or a run with the published version."""
