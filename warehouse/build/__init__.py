"""The candidate warehouse: raw tables, dbt build, BI file."""
