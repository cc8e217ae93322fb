{#
    Incremental strategy of this project. Deletes the rows of all letters to refresh and inserts the new ones. A merge on
    the rows' own keys would keep rows that a newer letter or reading no longer has.
#}
{% macro get_incremental_replace_letters_sql(arguments) -%}
    {%- set names = arguments["dest_columns"] | map(attribute="name") | join(", ") -%}
    delete from {{ arguments["target_relation"] }}
    where letter_id in ({{ letters_to_refresh() }});

    insert into {{ arguments["target_relation"] }} ({{ names }})
    select {{ names }}
    from {{ arguments["temp_relation"] }}
{%- endmacro %}
