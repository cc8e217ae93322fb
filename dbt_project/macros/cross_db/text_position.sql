{% macro text_position(text, part) -%}
    {{ return(adapter.dispatch('text_position', 'imr_warehouse')(text, part)) }}
{%- endmacro %}

{% macro duckdb__text_position(text, part) -%}
    strpos({{ text }}, {{ part }})
{%- endmacro %}
