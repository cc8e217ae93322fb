{#
    Overrides dbt's macro of the time that a snapshot writes. No version begins before the one that it replaces, even if
    the clock was set back in between.
#}
{% macro snapshot_get_time() -%}
    {%- set now = adapter.dispatch('snapshot_get_time', 'dbt')() -%}
    {%- if execute and load_relation(this) is not none -%}
        greatest(
            {{ now }},
            (
                select {{ dbt.dateadd('second', 1, 'max(coalesce(earlier.dbt_valid_to, earlier.dbt_valid_from))') }}
                from {{ this }} as earlier
            )
        )
    {%- else -%}
        {{ now }}
    {%- endif -%}
{%- endmacro %}
