{{ config(
    materialized='incremental',
    incremental_strategy='replace_months',
    on_schema_change='fail'
) }}

with decisions as (
    select
        letter_id,
        outcome,
        is_modified,
        is_outcome_inferred,
        month_key,
        decision_month,
        coalesce(deciding_reason, 'not_stated') as deciding_reason
    from {{ ref('fct_decisions') }}
)

{{ outcomes_by(
    ['deciding_reason', 'month_key', 'decision_month'],
    of='decisions',
    key=['deciding_reason', 'month_key'],
    facts='decisions',
) }}
