{#
    Condition that keeps, in an incremental build, the rows of the months in which a letter to refresh was decided, before
    or now. Rows without a month are always kept. A full refresh keeps all rows.
#}
{% macro is_of_refreshed_month(relation) -%}
    {%- if is_incremental() -%}
        (
            {{ relation }}.decision_month is null
            or {{ relation }}.decision_month in (select months.decision_month from raw.months_to_refresh as months)
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
