"""The warehouse on Spark: run files to raw tables, and dbt over them, in one session. Has an environment of its own."""
