{% macro percentile(value, fraction) -%}
    {{ return(adapter.dispatch('percentile', 'imr_warehouse')(value, fraction)) }}
{%- endmacro %}

{# Standard SQL, supported by DuckDB, PostgreSQL, Spark and Snowflake; BigQuery needs a window function. #}
{% macro default__percentile(value, fraction) -%}
    percentile_cont({{ fraction }}) within group (order by {{ value }})
{%- endmacro %}
