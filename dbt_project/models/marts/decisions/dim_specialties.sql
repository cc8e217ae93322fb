with specialties as (
    select * from {{ ref('int_specialties_normalised') }}
)

select distinct
    specialty_key,
    specialty,
    is_stated,
    is_listed
from specialties
