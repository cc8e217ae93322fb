{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double', 'imr_warehouse')()) }}
{%- endmacro %}

{# dbt.type_float is single precision in DuckDB and double elsewhere. #}
{% macro default__type_double() -%}
    double
{%- endmacro %}
