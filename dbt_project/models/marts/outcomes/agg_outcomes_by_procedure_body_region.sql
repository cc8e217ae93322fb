with regions as (
    select * from {{ ref('bdg_decision_body_regions') }}
),

decisions as (
    select
        facts.letter_id,
        facts.outcome,
        facts.is_modified,
        facts.is_outcome_inferred,
        facts.procedure,
        facts.procedure_group,
        coalesce(regions.body_region, 'Not stated') as body_region
    from {{ ref('fct_decisions') }} as facts
    left join regions
        on facts.decision_key = regions.decision_key
)

{{ outcomes_by(
    ['procedure', 'procedure_group', 'body_region'],
    of='decisions',
    key=['procedure', 'body_region'],
    facts='decisions',
) }}
