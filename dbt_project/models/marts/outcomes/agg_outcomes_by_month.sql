{{ config(
    materialized='incremental',
    incremental_strategy='replace_months',
    on_schema_change='fail'
) }}

{{ outcomes_by(['month_key', 'decision_month'], of='determinations') }}
