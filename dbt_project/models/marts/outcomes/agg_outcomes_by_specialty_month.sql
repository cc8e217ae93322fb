{{ config(
    materialized='incremental',
    incremental_strategy='replace_months',
    on_schema_change='fail'
) }}

with specialties as (
    {{ determinations_by_specialty() | indent(4) }}
)

{{ outcomes_by(
    ['specialty_key', 'specialty', 'month_key', 'decision_month'],
    of='determinations',
    key=['specialty_key', 'month_key'],
    facts='specialties',
) }}
