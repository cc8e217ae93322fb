{% macro squeeze_spaces(text) -%}
    {{ return(adapter.dispatch('squeeze_spaces', 'imr_warehouse')(text)) }}
{%- endmacro %}

{% macro default__squeeze_spaces(text) -%}
    trim(regexp_replace({{ text }}, '\s+', ' '))
{%- endmacro %}

{# DuckDB replaces the first match only, unless told otherwise. #}
{% macro duckdb__squeeze_spaces(text) -%}
    trim(regexp_replace({{ text }}, '\s+', ' ', 'g'))
{%- endmacro %}
