with determinations as (
    select * from {{ ref('fct_determinations') }}
),

bridge as (
    select * from {{ ref('bdg_determination_specialties') }}
),

specialties as (
    select * from {{ ref('dim_specialties') }}
)

select
    specialties.specialty_key,
    specialties.specialty,
    {{ outcome_counts('determinations') | indent(4) }}
from bridge
inner join determinations
    on bridge.case_key = determinations.case_key
inner join specialties
    on bridge.specialty_key = specialties.specialty_key
group by specialties.specialty_key, specialties.specialty
