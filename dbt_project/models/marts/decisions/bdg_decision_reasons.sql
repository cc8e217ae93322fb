{{ config(
    materialized='incremental',
    incremental_strategy='replace_letters',
    on_schema_change='fail'
) }}

with letters as (
    select * from {{ ref('int_letters_current') }}
),

reasons as (
    select * from {{ ref('int_decision_reasons') }}
)

select
    reasons.decision_reason_key,
    reasons.decision_key,
    reasons.letter_id,
    reasons.reason,
    reasons.reason_order,
    reasons.reason_rule_id,
    letters.load_number,
    letters.loaded_at
from reasons
inner join letters
    on reasons.letter_id = letters.letter_id
