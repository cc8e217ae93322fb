{#
    Fails if the counts of an outcome mart do not add up to those of fct_decisions, of which inferred outcomes are counted
    apart. `decisions_where` limits the decisions
    that the mart is about. In a mart where a decision may count in several rows (`is_overlapping`), the sums must be at
    least those of the decisions.
#}
{% test outcome_counts_match_decisions(model, decisions_where='true', is_overlapping=false) %}
    {%- set sums, counts, differences = [], [], [] -%}
    {%- for name, condition in {
        'decision_count': 'not is_outcome_inferred',
        'upheld_count': "outcome = 'upheld' and not is_outcome_inferred",
        'overturned_count': "outcome = 'overturned' and not is_outcome_inferred",
        'partially_overturned_count': "outcome = 'partially_overturned' and not is_outcome_inferred",
        'modified_count': 'is_modified and not is_outcome_inferred',
        'inferred_count': 'is_outcome_inferred',
    }.items() -%}
        {%- do sums.append('coalesce(sum(' ~ name ~ '), 0) as mart_' ~ name) -%}
        {%- do counts.append('count(case when ' ~ condition ~ ' then 1 end) as ' ~ name) -%}
        {%- do differences.append('mart_' ~ name ~ (' < ' if is_overlapping else ' <> ') ~ name) -%}
    {%- endfor -%}
    select *
    from (select {{ sums | join(', ') }} from {{ model }}) as mart
    cross join (select {{ counts | join(', ') }} from {{ ref('fct_decisions') }} where {{ decisions_where }}) as decisions
    where {{ differences | join(' or ') }}
{% endtest %}
