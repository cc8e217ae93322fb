{{ config(
    alias='coding',
    materialized='incremental',
    incremental_strategy='replace_letters',
    on_schema_change='fail'
) }}

with decisions as (
    {{ rows_to_refresh('fct_decisions') | indent(4) }}
),

regions as (
    select
        decision_key,
        {{ joined_rows('body_region', ';') }} as body_regions
    from {{ ref('bdg_decision_body_regions') }}
    where letter_id in (select decisions.letter_id from decisions)
    group by decision_key
)

select
    decisions.case_number,
    decisions.decision_number,
    decisions.treatment_category,
    decisions.treatment_subcategory,
    decisions.drug_class,
    decisions.laterality,
    regions.body_regions,
    decisions.quantity_value,
    decisions.quantity_unit,
    decisions.decision_key,
    decisions.letter_id,
    decisions.load_number,
    decisions.loaded_at
from decisions
left join regions
    on decisions.decision_key = regions.decision_key
