{% macro pattern_group(text, pattern, group) -%}
    {{ return(adapter.dispatch('pattern_group', 'imr_warehouse')(text, pattern, group)) }}
{%- endmacro %}

{# DuckDB and Spark both return an empty text for a group that took no part. #}
{% macro default__pattern_group(text, pattern, group) -%}
    regexp_extract({{ text }}, {{ pattern }}, {{ group }})
{%- endmacro %}
