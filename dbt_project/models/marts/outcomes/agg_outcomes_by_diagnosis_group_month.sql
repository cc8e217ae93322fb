{{ config(
    materialized='incremental',
    incremental_strategy='replace_months',
    on_schema_change='fail'
) }}

with determinations as (
    select
        known.letter_id,
        {{ split_text('known.diagnosis_groups', ';') }} as group_list
    from {{ ref('fct_determinations') }} as known
    where {{ is_of_refreshed_month('known') }}
),

diagnosis_groups as (
    {{ unnest_with_position(
        'determinations', 'letter_id', 'group_list', 'diagnosis_group', 'position'
    ) | indent(4) }}
),

decisions as (
    select
        facts.letter_id,
        facts.outcome,
        facts.is_modified,
        facts.is_outcome_inferred,
        facts.month_key,
        facts.decision_month,
        coalesce(diagnosis_groups.diagnosis_group, 'not_stated') as diagnosis_group
    from {{ ref('fct_decisions') }} as facts
    left join diagnosis_groups
        on facts.letter_id = diagnosis_groups.letter_id
    where {{ is_of_refreshed_month('facts') }}
)

{{ outcomes_by(
    ['diagnosis_group', 'month_key', 'decision_month'],
    of='decisions',
    key=['diagnosis_group', 'month_key'],
    facts='decisions',
) }}
