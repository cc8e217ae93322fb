{{ config(
    materialized='incremental',
    incremental_strategy='replace_letters',
    on_schema_change='fail'
) }}

with letters as (
    select * from {{ ref('int_letters_current') }}
),

diagnoses as (
    select
        stated.*,
        letters.case_key
    from {{ ref('int_diagnoses') }} as stated
    inner join letters
        on stated.letter_id = letters.letter_id
    where stated.text_kind = 'diagnosis'
),

diagnosis_groups as (
    select
        known.diagnosis_key,
        max(case when known.group_order = 1 then known.diagnosis_group end) as diagnosis_group,
        {{ joined_in_order('diagnosis_group', ';', 'group_order') }} as diagnosis_groups,
        {{ joined_in_order('diagnosis_group_rule_id', ';', 'group_order') }} as diagnosis_group_rule_ids
    from {{ ref('int_diagnosis_groups') }} as known
    inner join letters
        on known.letter_id = letters.letter_id
    group by known.diagnosis_key
),

regions as (
    select
        known.diagnosis_key,
        {{ joined_in_order('body_region', ';', 'body_region') }} as body_regions,
        {{ joined_in_order('body_region_rule_id', ';', 'body_region') }} as body_region_rule_ids
    from {{ ref('int_diagnosis_regions') }} as known
    inner join letters
        on known.letter_id = letters.letter_id
    group by known.diagnosis_key
)

select
    diagnoses.diagnosis_key,
    diagnoses.case_key,
    diagnoses.letter_id,
    diagnoses.text_number as diagnosis_number,
    diagnoses.stated_text as diagnosis,
    diagnosis_groups.diagnosis_group,
    diagnosis_groups.diagnosis_groups,
    diagnosis_groups.diagnosis_group_rule_ids,
    regions.body_regions,
    regions.body_region_rule_ids,
    diagnoses.laterality,
    diagnoses.load_number,
    diagnoses.loaded_at
from diagnoses
left join diagnosis_groups
    on diagnoses.diagnosis_key = diagnosis_groups.diagnosis_key
left join regions
    on diagnoses.diagnosis_key = regions.diagnosis_key
