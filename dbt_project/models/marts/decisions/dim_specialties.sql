with specialties as (
    select * from {{ ref('bdg_determination_specialties') }}
)

select distinct
    specialty_key,
    specialty,
    is_stated,
    is_listed
from specialties
