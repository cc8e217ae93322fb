{# The rows of a mart, as a query; in an incremental build only those of the letters to refresh. #}
{% macro rows_to_refresh(mart) -%}
    select *
    from {{ ref(mart) }}
    {%- if is_incremental() %}
    where letter_id in ({{ letters_to_refresh() }})
    {%- endif %}
{%- endmacro %}
