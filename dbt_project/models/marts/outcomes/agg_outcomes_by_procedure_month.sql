{{ config(
    materialized='incremental',
    incremental_strategy='replace_months',
    on_schema_change='fail'
) }}

{{ outcomes_by(
    ['procedure', 'procedure_group', 'month_key', 'decision_month'],
    of='decisions',
    key=['procedure', 'month_key'],
) }}
