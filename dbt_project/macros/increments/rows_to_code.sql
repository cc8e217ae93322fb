{#
    The rows of a model, as a query; in an incremental build only those that are not older than the newest row built and
    whose key is not built yet. Rows as old as the newest one are taken again, because a text may give no row. The result
    of a text changes only with the rules, and then everything is built anew.
#}
{% macro rows_to_code(model, load_number, built_load_number=none, key='text_key') -%}
    select *
    from {{ ref(model) }}
    where {{ is_not_built(key) if key else 'true' }} and {{ is_not_older(load_number, built_load_number or load_number) }}
{%- endmacro %}

{% macro is_not_older(load_number, built_load_number) -%}
    {%- if is_incremental() -%}
        {{ load_number }} >= (select coalesce(max(built.{{ built_load_number }}), 0) from {{ this }} as built)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
