{{ config(
    materialized='incremental',
    incremental_strategy='replace_months',
    on_schema_change='fail'
) }}

with bridge as (
    select *
    from {{ ref('bdg_decision_guidelines') }} as known
    where {{ is_of_refreshed_month('known') }}
),

guidelines as (
    select * from {{ ref('dim_guidelines') }}
),

decisions as (
    select
        bridge.guideline_key,
        bridge.cited_by,
        bridge.is_first_in_letter,
        facts.outcome,
        facts.is_modified,
        facts.is_outcome_inferred,
        facts.month_key,
        facts.decision_month
    from bridge
    inner join {{ ref('fct_decisions') }} as facts
        on bridge.decision_key = facts.decision_key
    where {{ is_of_refreshed_month('facts') }}
),

counted as (
    select
        decisions.guideline_key,
        decisions.cited_by,
        decisions.month_key,
        decisions.decision_month,
        {{ decision_outcome_counts(
            'decisions',
            'count(case when decisions.is_outcome_inferred then null when decisions.is_first_in_letter then 1 end)',
        ) | indent(8) }}
    from decisions
    group by decisions.guideline_key, decisions.cited_by, decisions.month_key, decisions.decision_month
)

select
    {{ joined_key(['counted.guideline_key', 'counted.cited_by', 'counted.month_key']) }} as outcome_key,
    counted.guideline_key,
    guidelines.guideline,
    guidelines.guideline_source,
    guidelines.chapter,
    counted.cited_by,
    counted.month_key,
    counted.decision_month,
    counted.determination_count,
    counted.decision_count,
    counted.upheld_count,
    counted.overturned_count,
    counted.partially_overturned_count,
    counted.modified_count,
    counted.inferred_count,
    counted.overturn_rate,
    counted.overturn_rate_low,
    counted.overturn_rate_high
from counted
inner join guidelines
    on counted.guideline_key = guidelines.guideline_key
