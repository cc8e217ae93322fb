{{ config(
    alias='contradictions',
    materialized='incremental',
    incremental_strategy='replace_letters',
    on_schema_change='fail'
) }}

with flags as (
    {{ rows_to_refresh('fct_flags') | indent(4) }}
)

select
    case_number,
    decision_number,
    flag_kind as kind,
    flag_detail as detail,
    flag_key,
    letter_id,
    load_number,
    loaded_at
from flags
where is_contradiction
