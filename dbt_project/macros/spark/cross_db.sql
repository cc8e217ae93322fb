{# Spark's implementations of the macros in macros/cross_db. #}

{# Spark sorts a list of structures by their first field. #}
{% macro spark__joined_in_order(text, separator, position) -%}
    array_join(
        transform(
            sort_array(collect_list(named_struct('position', {{ position }}, 'joined', {{ text }}))),
            element -> element.joined
        ),
        '{{ separator }}'
    )
{%- endmacro %}

{% macro spark__joined_matches(text, pattern, separator) -%}
    array_join(regexp_extract_all({{ text }}, '{{ pattern }}', 0), '{{ separator }}')
{%- endmacro %}

{% macro spark__joined_rows(text, separator) -%}
    array_join(sort_array(collect_list({{ text }})), '{{ separator }}')
{%- endmacro %}

{% macro spark__list_size(list) -%}
    coalesce(cardinality({{ list }}), 0)
{%- endmacro %}

{% macro spark__matches_pattern(text, pattern) -%}
    {{ text }} rlike {{ pattern }}
{%- endmacro %}

{% macro spark__split_text(text, separator) -%}
    split({{ text }}, '{{ separator }}')
{%- endmacro %}

{% macro spark__text_position(text, part) -%}
    locate({{ part }}, {{ text }})
{%- endmacro %}

{# In Spark's texts a backslash escapes what follows. #}
{% macro spark__replace_pattern(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern | replace("\\", "\\\\") }}', '{{ replacement }}')
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
