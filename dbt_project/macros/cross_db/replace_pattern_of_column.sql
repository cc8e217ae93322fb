{% macro replace_pattern_of_column(text, pattern, replacement) -%}
    {{ return(adapter.dispatch('replace_pattern_of_column', 'imr_warehouse')(text, pattern, replacement)) }}
{%- endmacro %}

{% macro default__replace_pattern_of_column(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, '{{ replacement }}')
{%- endmacro %}

{# Without the option g DuckDB replaces the first match only. #}
{% macro duckdb__replace_pattern_of_column(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, '{{ replacement }}', 'g')
{%- endmacro %}
