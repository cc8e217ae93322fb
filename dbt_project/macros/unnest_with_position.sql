{% macro unnest_with_position(relation, key, list, item, position) -%}
    {%- set for_adapter = adapter.dispatch('unnest_with_position', 'imr_warehouse') -%}
    {{ return(for_adapter(relation, key, list, item, position)) }}
{%- endmacro %}

{# Standard SQL, which DuckDB, PostgreSQL and Trino read. #}
{% macro default__unnest_with_position(relation, key, list, item, position) -%}
    select
        relation.{{ key }},
        element.{{ item }},
        element.{{ position }}
    from {{ relation }} as relation
    cross join unnest(relation.{{ list }}) with ordinality as element ({{ item }}, {{ position }})
{%- endmacro %}

{# Spark counts from 0. #}
{% macro spark__unnest_with_position(relation, key, list, item, position) -%}
    select
        relation.{{ key }},
        element.{{ item }},
        element.position_from_zero + 1 as {{ position }}
    from {{ relation }} as relation
    lateral view posexplode(relation.{{ list }}) element as position_from_zero, {{ item }}
{%- endmacro %}
