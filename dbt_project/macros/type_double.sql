{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double', 'imr_warehouse')()) }}
{%- endmacro %}

{# dbt.type_float is a single in DuckDB and a double elsewhere. #}
{% macro default__type_double() -%}
    double
{%- endmacro %}
