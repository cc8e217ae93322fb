{#
    The current letters, as a query; in an incremental build only those of the cases that changed. A model that reads it
    must use the strategy replace_letters and have the columns letter_id and load_number.
#}
{% macro current_letters() -%}
    select *
    from {{ ref('int_letters_ranked') }}
    where is_current{% if is_incremental() %} and refreshed_load_number > {{ newest_load() }}{% endif %}
{%- endmacro %}
