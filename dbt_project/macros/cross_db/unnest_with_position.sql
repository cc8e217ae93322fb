{% macro unnest_with_position(relation, key, list, item, position) -%}
    {%- set for_adapter = adapter.dispatch('unnest_with_position', 'imr_warehouse') -%}
    {{ return(for_adapter(relation, key, list, item, position)) }}
{%- endmacro %}

{# Standard SQL, supported by DuckDB, PostgreSQL and Trino. #}
{% macro default__unnest_with_position(relation, key, list, item, position) -%}
    select
        relation.{{ key }},
        element.{{ item }},
        element.{{ position }}
    from {{ relation }} as relation
    cross join unnest(relation.{{ list }}) with ordinality as element ({{ item }}, {{ position }})
{%- endmacro %}
