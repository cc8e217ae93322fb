{#
    The rows of a model, as a query: in an incremental build only those of the letters that changed. The model
    that reads it must be built with the strategy replace_letters and carry letter_id and loaded_at.
#}
{% macro letters_to_code(model) -%}
    {%- do ref('int_letters_ranked') -%}
    select *
    from {{ ref(model) }}
    {%- if is_incremental() %}
    where letter_id in ({{ letters_to_refresh() }})
    {%- endif %}
{%- endmacro %}
