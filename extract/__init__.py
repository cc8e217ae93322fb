"""Reads a file's bytes into a letter record, or gives a reason why not. Imports neither DuckDB nor Airflow."""
