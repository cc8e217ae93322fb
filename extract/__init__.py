"""From a file's bytes to a letter record, or to a reason why not. Knows no DuckDB and no Airflow."""
