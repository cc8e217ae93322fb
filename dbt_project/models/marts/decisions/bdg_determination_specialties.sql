with specialties as (
    select * from {{ ref('int_determination_specialties') }}
)

select
    determination_specialty_key,
    case_key,
    specialty_key,
    specialty_position
from specialties
