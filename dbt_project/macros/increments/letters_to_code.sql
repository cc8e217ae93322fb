{#
    The rows of a model, as a query; in an incremental build only those of letters of changed cases. A model that reads it
    must use the strategy replace_letters and have the columns letter_id and load_number.
#}
{% macro letters_to_code(model) -%}
    {%- do ref('int_letters_ranked') -%}
    select *
    from {{ ref(model) }}
    {%- if is_incremental() %}
    where letter_id in ({{ letters_to_refresh() }})
    {%- endif %}
{%- endmacro %}
