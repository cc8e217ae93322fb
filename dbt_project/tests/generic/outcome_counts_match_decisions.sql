{#
    Fails if the counts of an outcome mart do not add up to those of fct_decisions. `decisions_where` limits the decisions
    that the mart is about. In a mart where a decision may count in several rows (`is_overlapping`), the sums must be at
    least those of the decisions.
#}
{% test outcome_counts_match_decisions(model, decisions_where='true', is_overlapping=false) %}
    {%- set sums, counts, differences = [], [], [] -%}
    {%- for name, expression in {
        'decision_count': 'count(*)',
        'upheld_count': "count(case when outcome = 'upheld' then 1 end)",
        'overturned_count': "count(case when outcome = 'overturned' then 1 end)",
        'partially_overturned_count': "count(case when outcome = 'partially_overturned' then 1 end)",
        'modified_count': 'count(case when is_modified then 1 end)',
    }.items() -%}
        {%- do sums.append('coalesce(sum(' ~ name ~ '), 0) as mart_' ~ name) -%}
        {%- do counts.append(expression ~ ' as ' ~ name) -%}
        {%- do differences.append('mart_' ~ name ~ (' < ' if is_overlapping else ' <> ') ~ name) -%}
    {%- endfor -%}
    select *
    from (select {{ sums | join(', ') }} from {{ model }}) as mart
    cross join (select {{ counts | join(', ') }} from {{ ref('fct_decisions') }} where {{ decisions_where }}) as decisions
    where {{ differences | join(' or ') }}
{% endtest %}
