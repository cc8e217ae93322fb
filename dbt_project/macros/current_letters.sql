{#
    The current letters, as a query: in an incremental build only those of the cases that changed. The model
    that reads it must be built with the strategy replace_letters and carry letter_id and loaded_at.
#}
{% macro current_letters() -%}
    select *
    from {{ ref('int_letters_ranked') }}
    where is_current{% if is_incremental() %} and case_refreshed_at > {{ newest_load() }}{% endif %}
{%- endmacro %}
