{% macro joined_rows(text, separator) -%}
    {{ return(adapter.dispatch('joined_rows', 'imr_warehouse')(text, separator)) }}
{%- endmacro %}

{% macro duckdb__joined_rows(text, separator) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ text }})
{%- endmacro %}
