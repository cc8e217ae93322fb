{{ config(
    alias='diagnoses',
    materialized='incremental',
    incremental_strategy='replace_letters',
    on_schema_change='fail'
) }}

with determinations as (
    {{ rows_to_refresh('fct_determinations') | indent(4) }}
),

diagnoses as (
    select
        letter_id,
        {{ joined_in_order('stated_text', '|', 'text_number') }} as diagnoses
    from {{ ref('int_diagnoses') }}
    where text_kind = 'diagnosis' and letter_id in (select determinations.letter_id from determinations)
    group by letter_id
)

select
    determinations.case_key,
    determinations.case_number,
    diagnoses.diagnoses,
    determinations.injury_regions,
    determinations.diagnosis_groups,
    determinations.rfa_date,
    determinations.ur_reason,
    determinations.letter_id,
    determinations.load_number,
    determinations.loaded_at
from determinations
left join diagnoses
    on determinations.letter_id = diagnoses.letter_id
