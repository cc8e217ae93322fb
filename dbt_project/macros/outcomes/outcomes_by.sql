{#
    Query of an outcome mart: the counts, rate and interval of each group of decisions or determinations. `facts` is the
    relation to read instead of the fact itself; `key` names the columns of outcome_key. A mart by month is incremental.
#}
{% macro outcomes_by(columns, of, key=none, facts=none) -%}
    {%- set grouped = 'facts.' ~ columns | join(', facts.') -%}
    {%- set counts = decision_outcome_counts('facts') if of == 'decisions' else outcome_counts('facts') -%}
    {%- set outcome_key = joined_key(key) ~ ' as outcome_key, ' if key else '' -%}
    select
        {{ outcome_key ~ grouped }},
        {{ counts | indent(8) }}
    from {{ facts or ref('fct_' ~ of) }} as facts
    {%- if 'decision_month' in columns %}
    where {{ is_of_refreshed_month('facts') }}
    {%- endif %}
    group by {{ grouped }}
{%- endmacro %}
