"""dbt's cross-database macros, as far as linting needs them: SQL of the same shape for DuckDB."""

from collections.abc import Iterable


def concat(fields: Iterable[str]) -> str:
    """Stand in for `dbt.concat`."""
    return " || ".join(fields)


def hash(field: str) -> str:
    """Stand in for `dbt.hash`."""
    return f"md5({field})"


def datediff(first: str, second: str, part: str) -> str:
    """Stand in for `dbt.datediff`."""
    return f"date_diff('{part}', {first}, {second})"


def dateadd(part: str, interval: str, start: str) -> str:
    """Stand in for `dbt.dateadd`."""
    return f"date_add({start}, to_{part}s({interval}))"


def date_trunc(part: str, day: str) -> str:
    """Stand in for `dbt.date_trunc`."""
    return f"date_trunc('{part}', {day})"


def last_day(day: str, part: str) -> str:
    """Stand in for `dbt.last_day`."""
    return f"last_{part}_day({day})"


def generate_series(upper_bound: int) -> str:
    """Stand in for `dbt.generate_series`."""
    return f"select unnest(range(1, {upper_bound})) as generated_number"


def type_string() -> str:
    """Stand in for `dbt.type_string`."""
    return "varchar"


def type_int() -> str:
    """Stand in for `dbt.type_int`."""
    return "integer"


def type_bigint() -> str:
    """Stand in for `dbt.type_bigint`."""
    return "bigint"


def type_timestamp() -> str:
    """Stand in for `dbt.type_timestamp`."""
    return "timestamp"


def type_boolean() -> str:
    """Stand in for `dbt.type_boolean`."""
    return "boolean"


def split_part(text: str, delimiter: str, part: int) -> str:
    """Stand in for `dbt.split_part`."""
    return f"split_part({text}, {delimiter}, {part})"
