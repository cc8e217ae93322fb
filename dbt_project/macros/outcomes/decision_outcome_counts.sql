{#
    An outcome that is inferred from prose counts in inferred_count only: rates are of stated outcomes. A letter states all
    of its outcomes or none.
#}
{% macro decision_outcome_counts(decisions, determination_count=none) -%}
    {%- set inferred = decisions ~ '.is_outcome_inferred' -%}
    {%- set stated = 'count(case when ' ~ inferred ~ ' then null when ' -%}
    {%- set decision_count = 'count(case when ' ~ inferred ~ ' then null else 1 end)' -%}
    {%- set overturned = stated ~ decisions ~ ".outcome = 'overturned' then 1 end)" -%}
    {%- set letters = 'case when ' ~ inferred ~ ' then null else ' ~ decisions ~ '.letter_id end' -%}
    {{ determination_count or 'count(distinct ' ~ letters ~ ')' }} as determination_count,
    {{ decision_count }} as decision_count,
    {{ stated ~ decisions }}.outcome = 'upheld' then 1 end) as upheld_count,
    {{ overturned }} as overturned_count,
    {{ stated ~ decisions }}.outcome = 'partially_overturned' then 1 end) as partially_overturned_count,
    {{ stated ~ decisions }}.is_modified then 1 end) as modified_count,
    count(case when {{ inferred }} then 1 end) as inferred_count,
    {{ overturn_rate(overturned, decision_count) | indent(4) }}
{%- endmacro %}
