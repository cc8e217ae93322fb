with specialties as (
    select * from {{ ref('int_determination_specialties') }}
)

select distinct
    specialty_key,
    specialty,
    is_stated
from specialties
