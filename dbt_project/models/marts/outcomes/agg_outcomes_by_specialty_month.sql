with determinations as (
    select
        *,
        cast({{ dbt.date_trunc('month', 'decision_date') }} as date) as decision_month
    from {{ ref('fct_determinations') }}
),

bridge as (
    select * from {{ ref('bdg_determination_specialties') }}
),

specialties as (
    select * from {{ ref('dim_specialties') }}
)

select
    {{ joined_key([
        'specialties.specialty_key',
        month_key('determinations.decision_month'),
    ]) }} as outcome_key,
    specialties.specialty_key,
    specialties.specialty,
    {{ month_key('determinations.decision_month') }} as month_key,
    determinations.decision_month,
    {{ outcome_counts('determinations') | indent(4) }}
from bridge
inner join determinations
    on bridge.case_key = determinations.case_key
inner join specialties
    on bridge.specialty_key = specialties.specialty_key
group by specialties.specialty_key, specialties.specialty, determinations.decision_month
