{% macro joined_in_order(text, separator, position) -%}
    {{ return(adapter.dispatch('joined_in_order', 'imr_warehouse')(text, separator, position)) }}
{%- endmacro %}

{% macro duckdb__joined_in_order(text, separator, position) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ position }})
{%- endmacro %}
