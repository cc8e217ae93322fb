{% macro joined_in_order(text, separator, position) -%}
    {{ return(adapter.dispatch('joined_in_order', 'imr_warehouse')(text, separator, position)) }}
{%- endmacro %}

{# Spark sorts a list of structures by their first field. #}
{% macro default__joined_in_order(text, separator, position) -%}
    array_join(
        transform(sort_array(collect_list(struct({{ position }}, {{ text }}))), pair -> pair.{{ text }}),
        '{{ separator }}'
    )
{%- endmacro %}

{% macro duckdb__joined_in_order(text, separator, position) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ position }})
{%- endmacro %}
