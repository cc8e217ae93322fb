{% macro split_text(text, separator) -%}
    {{ return(adapter.dispatch('split_text', 'imr_warehouse')(text, separator)) }}
{%- endmacro %}

{% macro duckdb__split_text(text, separator) -%}
    string_split({{ text }}, '{{ separator }}')
{%- endmacro %}
