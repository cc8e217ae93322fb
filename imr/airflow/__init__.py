"""Runs inside Airflow: tasks, their defaults, links, notifiers and pages."""
