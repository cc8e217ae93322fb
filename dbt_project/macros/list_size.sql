{% macro list_size(list) -%}
    {{ return(adapter.dispatch('list_size', 'imr_warehouse')(list)) }}
{%- endmacro %}

{# Standard SQL; Spark calls it size, and a null list has no elements. #}
{% macro default__list_size(list) -%}
    coalesce(cardinality({{ list }}), 0)
{%- endmacro %}

{% macro duckdb__list_size(list) -%}
    coalesce(len({{ list }}), 0)
{%- endmacro %}
