{% macro list_size(list) -%}
    {{ return(adapter.dispatch('list_size', 'imr_warehouse')(list)) }}
{%- endmacro %}

{% macro duckdb__list_size(list) -%}
    coalesce(len({{ list }}), 0)
{%- endmacro %}
