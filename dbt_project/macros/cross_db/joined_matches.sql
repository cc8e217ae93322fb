{% macro joined_matches(text, pattern, separator) -%}
    {{ return(adapter.dispatch('joined_matches', 'imr_warehouse')(text, pattern, separator)) }}
{%- endmacro %}

{% macro duckdb__joined_matches(text, pattern, separator) -%}
    array_to_string(regexp_extract_all({{ text }}, '{{ pattern }}'), '{{ separator }}')
{%- endmacro %}
