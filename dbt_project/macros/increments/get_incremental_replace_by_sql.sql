{#
    An incremental strategy of this project: the rows in the target that share the unique key with a new row are
    deleted and the new ones inserted. The key may be coarser than a row (a letter, a text), so that what a
    newer reading no longer says disappears.
#}
{% macro get_incremental_replace_by_sql(arguments) -%}
    {%- set names = arguments["dest_columns"] | map(attribute="name") | join(", ") -%}
    {%- set key = arguments["unique_key"] -%}
    delete from {{ arguments["target_relation"] }}
    where {{ key }} in (select {{ key }} from {{ arguments["temp_relation"] }});

    insert into {{ arguments["target_relation"] }} ({{ names }})
    select {{ names }}
    from {{ arguments["temp_relation"] }}
{%- endmacro %}
