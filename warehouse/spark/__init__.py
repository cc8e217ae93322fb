"""The warehouse on Spark: loads run files into raw tables and runs dbt, in one session and a separate environment."""
