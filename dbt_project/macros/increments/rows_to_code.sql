{#
    The rows of a model, as a query; in an incremental build only those that are not older than the newest row built and
    whose key is not built yet. Rows as old as the newest one are taken again, because a text may give no row. The result
    of a text changes only with the rules, and then everything is built anew.
#}
{% macro rows_to_code(model, loaded_at, built_loaded_at=none, key='text_key') -%}
    select *
    from {{ ref(model) }}
    where {{ is_not_built(key) if key else 'true' }} and {{ is_not_older(loaded_at, built_loaded_at or loaded_at) }}
{%- endmacro %}

{% macro is_not_older(loaded_at, built_loaded_at) -%}
    {%- if is_incremental() -%}
        {{ loaded_at }} >= (
            select coalesce(max(built.{{ built_loaded_at }}), cast('1900-01-01' as {{ dbt.type_timestamp() }}))
            from {{ this }} as built
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
