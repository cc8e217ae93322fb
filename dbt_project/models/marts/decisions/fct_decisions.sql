{{ config(
    materialized='incremental',
    incremental_strategy='replace_letters',
    on_schema_change='fail'
) }}

with decisions as (
    select * from {{ ref('stg_imr__decisions') }}
),

letters as (
    select * from {{ ref('int_letters_current') }}
),

evidence as (
    select known.*
    from {{ ref('int_decision_evidence') }} as known
    inner join letters
        on known.letter_id = letters.letter_id
),

coded as (
    select known.*
    from {{ ref('int_decisions_coded') }} as known
    inner join letters
        on known.letter_id = letters.letter_id
),

procedures as (
    select * from {{ ref('procedures') }}
),

inferred as (
    select distinct flags.letter_id
    from {{ ref('stg_imr__flags') }} as flags
    inner join letters
        on flags.letter_id = letters.letter_id
    where flags.flag_code = 'outcome_inferred'
),

reasons as (
    select
        given.decision_key,
        max(case when given.reason_order = 1 then given.reason end) as deciding_reason,
        {{ joined_in_order('reason', ';', 'reason_order') }} as reasons
    from {{ ref('int_decision_reasons') }} as given
    inner join letters
        on given.letter_id = letters.letter_id
    group by given.decision_key
)

select
    decisions.decision_key,
    letters.case_key,
    letters.letter_id,
    letters.case_number,
    letters.source_name,
    decisions.decision_number,
    decisions.page_number,
    letters.decision_date,
    decisions.treatment_requested,
    decisions.outcome,
    decisions.is_modified,
    decisions.original_request,
    decisions.authorized_request,
    decisions.disputed_request,
    decisions.rationale_finding,
    evidence.claims_admin_evidence,
    evidence.reviewer_evidence,
    evidence.cites_same_source,
    evidence.cites_same_chapter,
    coded.treatment_key,
    coded.treatment_category,
    coded.treatment_subcategory,
    coded.drug_class,
    coded.laterality,
    coded.quantity_value,
    coded.quantity_unit,
    coded.coding_rule_id,
    coded.procedure,
    procedures.procedure_group,
    coded.procedure_rule_id,
    coded.strength,
    coded.drug_count,
    coded.refills,
    coded.times_per_week,
    coded.weeks,
    coded.months_of_supply,
    coded.date_of_service,
    coded.acquisition,
    coded.dose_rule_ids,
    reasons.deciding_reason,
    reasons.reasons,
    letters.load_number,
    letters.loaded_at,
    cast({{ dbt.date_trunc('month', 'letters.decision_date') }} as date) as decision_month,
    {{ month_key('letters.decision_date') }} as month_key,
    decisions.outcome = 'overturned' as is_overturned,
    inferred.letter_id is not null as is_outcome_inferred,
    lower(decisions.treatment_requested) like '%retrospective%'
    or coalesce(
        coded.date_of_service < coalesce(letters.ur_denial_date, letters.decision_date), false
    ) as is_retrospective
from decisions
inner join letters
    on decisions.letter_id = letters.letter_id
left join evidence
    on decisions.decision_key = evidence.decision_key
left join coded
    on decisions.decision_key = coded.decision_key
left join procedures
    on coded.procedure = procedures.procedure
left join inferred
    on letters.letter_id = inferred.letter_id
left join reasons
    on decisions.decision_key = reasons.decision_key
