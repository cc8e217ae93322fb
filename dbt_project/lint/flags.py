"""dbt's command-line flags, as far as linting needs them."""

FULL_REFRESH = False
