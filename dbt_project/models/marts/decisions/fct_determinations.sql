{{ config(
    materialized='incremental',
    incremental_strategy='replace_letters',
    on_schema_change='fail'
) }}

with current_letters as (
    select * from {{ ref('int_letters_current') }}
),

letters as (
    select
        *,
        {{ days_between('rfa_date', 'ur_denial_date') }} as days_rfa_to_review,
        {{ days_between('ur_denial_date', 'application_received') }} as days_ur_to_application,
        {{ days_between('application_received', 'date_assigned') }} as days_application_to_assigned,
        {{ days_between('date_assigned', 'decision_date') }} as days_assigned_to_decision,
        {{ days_between('application_received', 'decision_date') }} as days_application_to_decision,
        {{ days_between('date_of_injury', 'decision_date') }} as days_injury_to_decision
    from current_letters
),

decisions as (
    select
        case_key,
        count(*) as decision_count,
        count(case when outcome = 'upheld' then 1 end) as upheld_count,
        count(case when outcome = 'overturned' then 1 end) as overturned_count,
        count(case when outcome = 'partially_overturned' then 1 end) as partially_overturned_count,
        count(case when is_modified then 1 end) as modified_count,
        max(case when is_outcome_inferred then 1 else 0 end) as inferred
    from {{ ref('fct_decisions') }}
    where letter_id in (select current_letters.letter_id from current_letters)
    group by case_key
),

flags as (
    select
        letter_id,
        count(*) as flag_count
    from {{ ref('stg_imr__flags') }}
    where letter_id in (select current_letters.letter_id from current_letters)
    group by letter_id
),

ur_reasons as (
    select known.*
    from {{ ref('int_ur_reasons') }} as known
    inner join current_letters
        on known.letter_id = current_letters.letter_id
),

stated_groups as (
    select distinct
        known.letter_id,
        known.diagnosis_group
    from {{ ref('int_diagnosis_groups') }} as known
    inner join current_letters
        on known.letter_id = current_letters.letter_id
),

diagnosis_groups as (
    select
        letter_id,
        {{ joined_rows('diagnosis_group', ';') }} as diagnosis_groups
    from stated_groups
    group by letter_id
),

stated_regions as (
    select distinct
        known.letter_id,
        known.body_region
    from {{ ref('int_diagnosis_regions') }} as known
    inner join current_letters
        on known.letter_id = current_letters.letter_id
    where known.is_injury_region
),

injury_regions as (
    select
        letter_id,
        {{ joined_rows('body_region', ';') }} as injury_regions
    from stated_regions
    group by letter_id
),

first_specialties as (
    select
        case_key,
        specialty_key,
        specialty
    from {{ ref('int_specialties_normalised') }}
    where specialty_position = 1
)

select
    letters.case_key,
    letters.letter_id,
    letters.case_number,
    letters.is_case_number_known,
    letters.source_name,
    letters.letter_format,
    letters.version_count,
    letters.date_of_injury,
    letters.rfa_date,
    letters.ur_denial_date,
    letters.application_received,
    letters.date_assigned,
    letters.decision_date,
    letters.priority,
    letters.patient_age,
    letters.patient_sex,
    first_specialties.specialty_key as first_specialty_key,
    first_specialties.specialty as first_specialty,
    diagnosis_groups.diagnosis_groups,
    injury_regions.injury_regions,
    letters.days_rfa_to_review,
    letters.days_ur_to_application,
    letters.days_application_to_assigned,
    letters.days_assigned_to_decision,
    letters.days_application_to_decision,
    letters.days_injury_to_decision,
    ur_reasons.ur_reason,
    ur_reasons.ur_reason_rule_id,
    letters.load_number,
    letters.loaded_at,
    cast({{ dbt.date_trunc('month', 'letters.decision_date') }} as date) as decision_month,
    {{ month_key('letters.decision_date') }} as month_key,
    case
        when decisions.upheld_count = decisions.decision_count then 'upheld'
        when decisions.overturned_count = decisions.decision_count then 'overturned'
        when decisions.decision_count > 0 then 'partially_overturned'
    end as outcome,
    coalesce(decisions.decision_count, 0) as decision_count,
    coalesce(decisions.upheld_count, 0) as upheld_count,
    coalesce(decisions.overturned_count, 0) as overturned_count,
    coalesce(decisions.partially_overturned_count, 0) as partially_overturned_count,
    coalesce(decisions.modified_count, 0) as modified_count,
    coalesce(decisions.inferred = 1, false) as is_outcome_inferred,
    lower(letters.priority) = 'expedited' as is_expedited,
    case
        when letters.days_ur_to_application >= 0 then letters.days_ur_to_application <= 30
    end as filed_within_30_days,
    case
        when letters.days_ur_to_application >= 0 then letters.days_ur_to_application <= 35
    end as filed_within_35_days,
    case
        when letters.days_assigned_to_decision >= 0 then letters.days_assigned_to_decision <= 45
    end as decided_within_45_days_of_assignment,
    case
        when letters.ur_denial_date < cast('2016-07-28' as date) then 'to 2016-07-27'
        when letters.ur_denial_date < cast('2017-12-01' as date) then '2016-07-28 to 2017-11-30'
        when letters.ur_denial_date >= cast('2017-12-01' as date) then 'from 2017-12-01'
    end as mtus_era,
    case
        when letters.ur_denial_date < cast('2018-01-01' as date) then 'to 2017-12-31'
        when letters.ur_denial_date >= cast('2018-01-01' as date) then 'from 2018-01-01'
    end as formulary_era,
    coalesce(flags.flag_count, 0) as flag_count
from letters
left join decisions
    on letters.case_key = decisions.case_key
left join flags
    on letters.letter_id = flags.letter_id
left join ur_reasons
    on letters.letter_id = ur_reasons.letter_id
left join first_specialties
    on letters.case_key = first_specialties.case_key
left join diagnosis_groups
    on letters.letter_id = diagnosis_groups.letter_id
left join injury_regions
    on letters.letter_id = injury_regions.letter_id
