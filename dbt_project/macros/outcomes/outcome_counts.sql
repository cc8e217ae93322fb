{% macro outcome_counts(determinations) -%}
    count(*) as determination_count,
    cast(sum({{ determinations }}.decision_count) as {{ dbt.type_bigint() }}) as decision_count,
    cast(sum({{ determinations }}.upheld_count) as {{ dbt.type_bigint() }}) as upheld_count,
    cast(sum({{ determinations }}.overturned_count) as {{ dbt.type_bigint() }}) as overturned_count,
    cast(
        sum({{ determinations }}.partially_overturned_count) as {{ dbt.type_bigint() }}
    ) as partially_overturned_count,
    cast(sum({{ determinations }}.modified_count) as {{ dbt.type_bigint() }}) as modified_count,
    {{ overturn_rate(
        'sum(' ~ determinations ~ '.overturned_count)',
        'sum(' ~ determinations ~ '.decision_count)',
    ) | indent(4) }}
{%- endmacro %}
