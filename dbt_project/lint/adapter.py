"""What `adapter` is in dbt's Jinja, as far as linting needs it."""

from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context


@pass_context
def dispatch(context: Context, name: str, package: str) -> Any:
    """Return this project's macro for DuckDB, else the default one."""
    return context.get(f"duckdb__{name}") or context[f"default__{name}"]
