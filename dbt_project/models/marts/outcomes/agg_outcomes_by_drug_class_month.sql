{{ config(
    materialized='incremental',
    incremental_strategy='replace_months',
    on_schema_change='fail'
) }}

with pharmaceuticals as (
    select
        letter_id,
        outcome,
        is_modified,
        is_outcome_inferred,
        month_key,
        decision_month,
        coalesce(drug_class, 'Not recognised') as drug_class
    from {{ ref('fct_decisions') }}
    where treatment_category = 'Pharmaceuticals'
)

{{ outcomes_by(
    ['drug_class', 'month_key', 'decision_month'],
    of='decisions',
    key=['drug_class', 'month_key'],
    facts='pharmaceuticals',
) }}
