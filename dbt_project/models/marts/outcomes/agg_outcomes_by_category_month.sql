{{ config(
    materialized='incremental',
    incremental_strategy='replace_months',
    on_schema_change='fail'
) }}

{{ outcomes_by(
    ['treatment_category', 'month_key', 'decision_month'],
    of='decisions',
    key=['treatment_category', 'month_key'],
) }}
