{% macro decision_outcome_counts(decisions, determination_count=none) -%}
    {%- set overturned = "count(case when " ~ decisions ~ ".outcome = 'overturned' then 1 end)" -%}
    {{ determination_count or 'count(distinct ' ~ decisions ~ '.letter_id)' }} as determination_count,
    count(*) as decision_count,
    count(case when {{ decisions }}.outcome = 'upheld' then 1 end) as upheld_count,
    {{ overturned }} as overturned_count,
    count(
        case when {{ decisions }}.outcome = 'partially_overturned' then 1 end
    ) as partially_overturned_count,
    count(case when {{ decisions }}.is_modified then 1 end) as modified_count,
    {{ overturn_rate(overturned, 'count(*)') | indent(4) }}
{%- endmacro %}
