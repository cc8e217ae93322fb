{% macro matches_pattern(text, pattern) -%}
    {{ return(adapter.dispatch('matches_pattern', 'imr_warehouse')(text, pattern)) }}
{%- endmacro %}

{# Spark's own operator, which Databricks, Hive and MySQL read as well. #}
{% macro default__matches_pattern(text, pattern) -%}
    {{ text }} rlike {{ pattern }}
{%- endmacro %}

{% macro duckdb__matches_pattern(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}
