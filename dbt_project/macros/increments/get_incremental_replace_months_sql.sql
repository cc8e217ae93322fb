{# Incremental strategy of this project. Replaces the rows of the months that is_of_refreshed_month keeps. #}
{% macro get_incremental_replace_months_sql(arguments) -%}
    {%- set names = arguments["dest_columns"] | map(attribute="name") | join(", ") -%}
    delete from {{ arguments["target_relation"] }} as stored
    where {{ is_of_refreshed_month('stored') }};

    insert into {{ arguments["target_relation"] }} ({{ names }})
    select {{ names }}
    from {{ arguments["temp_relation"] }}
{%- endmacro %}
