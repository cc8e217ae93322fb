{{ config(
    materialized='incremental',
    incremental_strategy='replace_letters',
    on_schema_change='fail'
) }}

with letters as (
    select * from {{ ref('int_letters_current') }}
),

drugs as (
    select * from {{ ref('int_decision_drugs') }}
)

select
    drugs.decision_drug_key,
    drugs.decision_key,
    drugs.letter_id,
    drugs.drug_key,
    letters.load_number,
    letters.loaded_at,
    cast(
        row_number() over (
            partition by drugs.decision_key
            order by drugs.word_position asc, drugs.substance asc
        ) as {{ dbt.type_int() }}
    ) as drug_position
from drugs
inner join letters
    on drugs.letter_id = letters.letter_id
