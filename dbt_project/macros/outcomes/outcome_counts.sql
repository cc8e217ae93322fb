{# As decision_outcome_counts, summed over determinations. #}
{% macro outcome_counts(determinations) -%}
    {%- set inferred = determinations ~ '.is_outcome_inferred' -%}
    {%- set stated = 'sum(case when ' ~ inferred ~ ' then 0 else ' ~ determinations ~ '.' -%}
    count(case when {{ inferred }} then null else 1 end) as determination_count,
    {%- for name in ['decision', 'upheld', 'overturned', 'partially_overturned', 'modified'] %}
    cast({{ stated ~ name }}_count end) as {{ dbt.type_bigint() }}) as {{ name }}_count,
    {%- endfor %}
    cast(
        sum(case when {{ inferred }} then {{ determinations }}.decision_count else 0 end) as {{ dbt.type_bigint() }}
    ) as inferred_count,
    {{ overturn_rate(stated ~ 'overturned_count end)', stated ~ 'decision_count end)') | indent(4) }}
{%- endmacro %}
