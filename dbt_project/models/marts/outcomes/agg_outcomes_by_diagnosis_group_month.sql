with diagnosis_groups as (
    select distinct
        letter_id,
        diagnosis_group
    from {{ ref('int_diagnosis_groups') }}
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
)

{{ outcomes_by(
    ['diagnosis_group', 'month_key', 'decision_month'],
    of='decisions',
    key=['diagnosis_group', 'month_key'],
    facts='decisions',
) }}
