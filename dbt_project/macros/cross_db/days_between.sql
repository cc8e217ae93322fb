{# dbt's datediff is an integer in Spark and a bigint in DuckDB. #}
{% macro days_between(first_day, second_day) -%}
    cast({{ dbt.datediff(first_day, second_day, 'day') }} as {{ dbt.type_bigint() }})
{%- endmacro %}
