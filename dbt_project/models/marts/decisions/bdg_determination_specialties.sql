{{ config(
    materialized='incremental',
    incremental_strategy='replace_letters',
    on_schema_change='fail'
) }}

with letters as (
    select * from {{ ref('int_letters_current') }}
),

specialties as (
    select * from {{ ref('int_specialties_normalised') }}
)

select
    specialties.determination_specialty_key,
    specialties.case_key,
    specialties.letter_id,
    specialties.specialty_key,
    specialties.specialty,
    specialties.is_stated,
    specialties.is_listed,
    specialties.specialty_position,
    specialties.load_number,
    specialties.loaded_at
from specialties
inner join letters
    on specialties.letter_id = letters.letter_id
