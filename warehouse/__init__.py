"""From the inbox to a published warehouse. Imports neither PDF libraries nor Airflow."""
