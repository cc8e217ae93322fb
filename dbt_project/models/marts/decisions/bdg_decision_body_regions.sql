{{ config(
    materialized='incremental',
    incremental_strategy='replace_letters',
    on_schema_change='fail'
) }}

with letters as (
    select * from {{ ref('int_letters_current') }}
),

regions as (
    select * from {{ ref('int_decision_body_regions') }}
)

select
    regions.decision_body_region_key,
    regions.decision_key,
    regions.letter_id,
    regions.body_region,
    letters.load_number,
    letters.loaded_at
from regions
inner join letters
    on regions.letter_id = letters.letter_id
