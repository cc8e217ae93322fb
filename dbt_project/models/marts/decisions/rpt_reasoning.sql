{{ config(
    alias='reasoning',
    materialized='incremental',
    incremental_strategy='replace_letters',
    on_schema_change='fail'
) }}

with decisions as (
    {{ rows_to_refresh('fct_decisions') | indent(4) }}
)

select
    case_number,
    decision_number,
    reasons,
    procedure,
    strength,
    drug_count as count,
    refills,
    times_per_week,
    weeks,
    months_of_supply,
    date_of_service,
    acquisition,
    decision_key,
    letter_id,
    load_number,
    loaded_at
from decisions
