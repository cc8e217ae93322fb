{% macro month_key(month) -%}
    coalesce(substring(cast({{ month }} as {{ dbt.type_string() }}), 1, 7), 'unknown')
{%- endmacro %}
