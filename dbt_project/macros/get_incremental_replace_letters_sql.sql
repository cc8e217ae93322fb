{#
    An incremental strategy of this project. All rows of the letters in question are deleted and those of the
    current ones inserted, so that what a newer letter or a newer reading no longer says disappears; a merge
    on the rows' own keys would leave it.
#}
{% macro get_incremental_replace_letters_sql(arguments) -%}
    {%- set names = arguments["dest_columns"] | map(attribute="name") | join(", ") -%}
    delete from {{ arguments["target_relation"] }}
    where letter_id in ({{ letters_to_refresh() }});

    insert into {{ arguments["target_relation"] }} ({{ names }})
    select {{ names }}
    from {{ arguments["temp_relation"] }}
{%- endmacro %}
